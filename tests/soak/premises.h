// What the broker of a soak runs with: configuration, keys, passwords, certificates, in a folder
// of their own; and the credentials that clients show. With each version of it something is
// revoked, and something given back.
#ifndef TESTS_SOAK_PREMISES_H_
#define TESTS_SOAK_PREMISES_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "tests/soak/dice.h"
#include "tests/support/jwt_maker.h"
#include "tests/support/test_authority.h"

namespace esockets::soak {

inline constexpr std::string_view kOperatorToken = "operator-token";
inline constexpr std::string_view kStaticToken = "wild-static-token";
// A user of the password file in even versions, and its password.
inline constexpr std::string_view kPasswordUser = "pat";
inline constexpr std::string_view kPassword = "correct horse";

class Premises {
 public:
  // `clients_max`: of the broker. Writes version 0.
  explicit Premises(size_t clients_max);

  const std::string& config_file() const { return config_file_; }
  std::string socket_path() const { return authority_.directory() + "/socket"; }

  // Writes the next version, which counts when the broker has read it.
  void Next();
  uint64_t version() const { return version_; }

  // --- tokens of the issuer
  // Of a user who belongs to a group; always good.
  std::string SteadyToken(std::string_view user, std::string_view group) const;
  // Good while `version` or the one behind it is in force.
  std::string ShakyToken(std::string_view user, uint64_t version, int expires_s = 36000) const;
  // Never good: expired, signed by somebody else, of another issuer, changed, and so on.
  std::string WrongToken(std::string_view user, Dice* dice) const;

 private:
  static tests::SigningKey ShakyKey(uint64_t version);
  std::string Config() const;
  void Write() const;

  const size_t clients_max_;
  tests::TestAuthority authority_;
  const tests::IssuedCertificate certificate_;
  const tests::SigningKey steady_ = tests::SigningKey::Ed25519();
  const std::string config_file_ = authority_.directory() + "/broker.textproto";
  const std::string password_line_;
  uint64_t version_ = 0;
};

// Topics below "fickle/" are permitted, and the password counts, in these.
inline bool IsGenerous(uint64_t version) { return version % 2 == 0; }

}  // namespace esockets::soak

#endif  // TESTS_SOAK_PREMISES_H_
