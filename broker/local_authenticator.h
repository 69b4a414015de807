// Judges by what the broker itself knows: tokens, passwords and names of the configuration, and the
// keys of who issues tokens.
#ifndef BROKER_LOCAL_AUTHENTICATOR_H_
#define BROKER_LOCAL_AUTHENTICATOR_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "base/clock.h"
#include "base/password_hash.h"
#include "base/strings.h"
#include "broker/auth/fingerprint.h"
#include "broker/auth/jwt_verifier.h"
#include "broker/authenticator.h"

namespace esockets::broker {

// Tokens that an issuer has signed.
struct TokenIssuer {
  JwtVerifier verifier;
  std::string admin_group;  // whose members administrate; empty: nobody does
};

class LocalAuthenticator final : public Authenticator {
 public:
  // --- who may come in

  // A client that shows `secret` as its token is `user`.
  void AddToken(std::string_view user, std::string_view secret, bool admin);
  void AddPassword(std::string_view user, std::string_view password, bool admin);
  void AddPasswordHash(std::string_view user, base::PasswordHash hash, bool admin);
  // Whoever's certificate names this user. Others with certificates come in too: what is said here
  // are their rights.
  void AddCertificate(std::string_view user, bool admin);
  void SetIssuer(TokenIssuer issuer);
  // That a user belongs to, however it comes in; beside those that its token tells.
  void SetGroups(std::string_view user, std::vector<std::string> groups);
  // Who shows nothing comes in, without a name and without rights of its own.
  void AllowAnonymous() { anonymous_ = true, closed_ = true; }
  // Nobody comes in without credentials, be there users or not.
  void Close() { closed_ = true; }

  // --- Authenticator

  // Nobody was added, and nothing else said.
  bool open() const override { return !closed_; }
  Identity Describe(std::string_view user) const override;
  // By the proof: the same token, password, hash or name of a certificate of the same user; of a
  // token that an issuer has signed, its key and what that issuer is asked for. Groups and rights
  // are those of now, beside the groups that a token tells.
  std::optional<Identity> Recall(Identity identity) const override;
  void Authenticate(const Credentials& credentials, const AuthPlace& place,
                    Done done) const override;

 private:
  enum class Kind : uint8_t { kToken, kPassword, kCertificate };
  struct Entry {
    std::string user;
    Kind kind;
    Digest digest;  // what is kept does not tell the secret, and has one length
    uint64_t proof;
  };
  struct Hashed {
    std::string user;
    base::PasswordHash hash;
    uint64_t proof;
  };

  // Whose proof it is.
  struct Known {
    std::string user;
    bool admin;
  };

  void Add(Kind kind, std::string_view user, std::string_view secret, bool admin);
  bool IsAdmin(uint64_t proof) const;
  Identity OfBearer(const TokenIssuer& issuer, Identity identity) const;
  AuthVerdict OfToken(std::string_view token, const base::Clock& clock) const;
  AuthVerdict OfIssuer(const TokenIssuer& issuer, std::string_view token,
                       const base::Clock& clock) const;
  Identity OfCertificate(const Credentials& credentials) const;
  Identity WithGroups(Identity identity) const;
  Identity WithRights(Identity identity) const;
  const Entry* Find(Kind kind, std::string_view user, std::string_view secret) const;
  void CheckHash(const Credentials& credentials, const AuthPlace& place, Done done) const;

  std::vector<Entry> entries_;
  base::StringMap<std::shared_ptr<const Hashed>> hashed_;  // by user
  absl::flat_hash_map<uint64_t, Known> by_proof_;          // all that were added
  std::shared_ptr<const Hashed> nobody_;  // checked where there is no such user: it takes as long
  base::StringMap<std::vector<std::string>> groups_;  // by user
  std::optional<TokenIssuer> issuer_;
  absl::flat_hash_set<uint64_t> issuer_proofs_;  // one for each of its keys
  bool anonymous_ = false;
  bool closed_ = false;
};

}  // namespace esockets::broker

#endif  // BROKER_LOCAL_AUTHENTICATOR_H_
