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
  std::string_view certificate_name{};  // of who has shown a certificate that is good
};

struct Identity {
  std::string user;    // empty: anonymous
  bool admin = false;  // may send requests to $SYS
  bool operator==(const Identity&) const = default;
};

// Thread: any, once it is filled.
class Authenticator {
 public:
  // With no entry at all everybody is let in, as an administrator, but for who shows a certificate:
  // the broker then listens on loopback only, or asks for certificates.
  bool open() const { return entries_.empty(); }

  // A client that shows `secret` as its token is `user`.
  void AddToken(std::string_view user, std::string_view secret, bool admin);
  void AddPassword(std::string_view user, std::string_view password, bool admin);
  // Whoever's certificate names this user. Others with certificates come in too: what is said here
  // are their rights.
  void AddCertificate(std::string_view user, bool admin);

  // Nothing: the credentials are wrong. A token decides, if there is one, then a password, then the
  // certificate. Takes the same time whichever entry fits.
  std::optional<Identity> Authenticate(const Credentials& credentials) const;

 private:
  using Digest = std::array<uint8_t, 32>;
  enum class Kind : uint8_t { kToken, kPassword, kCertificate };
  struct Entry {
    Identity identity;
    Kind kind;
    Digest digest;  // SHA-256: what is kept does not tell the secret, and has one length
  };
  Identity OfCertificate(std::string_view name) const;
  static Digest Sha256(std::string_view text);

  std::vector<Entry> entries_;
};

}  // namespace esockets::broker

#endif  // BROKER_AUTHENTICATOR_H_
