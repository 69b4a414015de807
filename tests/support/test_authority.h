// An authority that signs certificates for tests, with keys made when they run.
#ifndef TESTS_SUPPORT_TEST_AUTHORITY_H_
#define TESTS_SUPPORT_TEST_AUTHORITY_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/tls/openssl.h"

namespace esockets::tests {

// What stands in a certificate.
struct CertificateText {
  std::string common_name = "test";  // may hold any bytes
  std::vector<std::string> dns_names{};
  std::vector<std::string> emails{};
  std::vector<std::string> uris{};
  std::vector<std::string> addresses{};  // "127.0.0.1"
  int begins_s = -3600;                  // from now
  int ends_s = 3600;
};

// Of a server that tests reach on loopback.
CertificateText LoopbackServer();

// In PEM; the files go with the authority.
struct IssuedCertificate {
  std::string chain_file;
  std::string key_file;
  int64_t serial = 0;
};

std::string ContentOf(const std::string& path);
// Text in PEM with a letter of its middle changed to one that is none of base64.
std::string Damaged(std::string pem);

class TestAuthority {
 public:
  explicit TestAuthority(std::string_view name = "Test Authority");
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;
  ~TestAuthority();

  IssuedCertificate Issue(const CertificateText& text);
  // Writes a new list of all that were revoked so far; it ends so many seconds from now.
  std::string Revoke(const std::vector<int64_t>& serials, int ends_s = 3600);
  const std::string& ca_file() const { return ca_file_; }
  const std::string& directory() const { return directory_; }

 private:
  std::string NextFile(std::string_view what);

  std::string directory_;
  tls::EvpPkeyPtr key_;
  tls::X509Ptr certificate_;
  std::string ca_file_;
  int64_t last_serial_ = 0;
  int files_ = 0;
};

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_TEST_AUTHORITY_H_
