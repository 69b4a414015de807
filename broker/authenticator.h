// Who may come in: static tokens and passwords from the configuration.
#ifndef BROKER_AUTHENTICATOR_H_
#define BROKER_AUTHENTICATOR_H_

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace esockets::broker {

struct Credentials {
  std::string_view token;
  std::string_view user;
  std::string_view password;
};

struct Identity {
  std::string user;    // empty: anonymous
  bool admin = false;  // may send requests to $SYS
  bool operator==(const Identity&) const = default;
};

// Thread: any, once it is filled.
class Authenticator {
 public:
  // With no entry at all everybody is let in, as an administrator: the broker then listens on
  // loopback only.
  bool open() const { return entries_.empty(); }

  // A client that shows `secret` as its token is `user`.
  void AddToken(std::string_view user, std::string_view secret, bool admin);
  void AddPassword(std::string_view user, std::string_view password, bool admin);

  // Nothing: the credentials are wrong. A token decides, if there is one. Takes the same time
  // whichever entry fits.
  std::optional<Identity> Authenticate(const Credentials& credentials) const;

 private:
  using Digest = std::array<uint8_t, 32>;
  struct Entry {
    Identity identity;
    bool is_token;
    Digest digest;  // SHA-256: what is kept does not tell the secret, and has one length
  };
  static Digest Sha256(std::string_view text);

  std::vector<Entry> entries_;
};

}  // namespace esockets::broker

#endif  // BROKER_AUTHENTICATOR_H_
