#include "tests/support/test_authority.h"

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <sstream>

#include "base/check.h"

namespace esockets::tests {
namespace {

using tls::EvpPkeyPtr;
using tls::X509CrlPtr;
using tls::X509Ptr;

EvpPkeyPtr NewKey() { return EvpPkeyPtr(EVP_EC_gen("P-256")); }

void WriteFile(const std::string& path, const std::function<int(FILE*)>& write) {
  const std::unique_ptr<FILE, int (*)(FILE*)> file(std::fopen(path.c_str(), "w"), &std::fclose);
  ESOCKETS_CHECK(file != nullptr && write(file.get()) == 1);
}

void SetName(X509_NAME* name, std::string_view common_name) {
  ESOCKETS_CHECK(
      X509_NAME_add_entry_by_NID(name, NID_commonName, V_ASN1_UTF8STRING,
                                 reinterpret_cast<const unsigned char*>(common_name.data()),
                                 static_cast<int>(common_name.size()), -1, 0) == 1);
}

// Whole bytes, NUL included, as no configuration text could say them.
void AddName(GENERAL_NAMES* names, int kind, std::string_view bytes) {
  GENERAL_NAME* name = GENERAL_NAME_new();
  ASN1_STRING* value = kind == GEN_IPADD ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();
  ASN1_STRING_set(value, bytes.data(), static_cast<int>(bytes.size()));
  GENERAL_NAME_set0_value(name, kind, value);
  sk_GENERAL_NAME_push(names, name);
}

void AddAlternativeNames(const CertificateText& text, X509* certificate) {
  GENERAL_NAMES* names = GENERAL_NAMES_new();
  for (const auto& name : text.dns_names) AddName(names, GEN_DNS, name);
  for (const auto& name : text.emails) AddName(names, GEN_EMAIL, name);
  for (const auto& name : text.uris) AddName(names, GEN_URI, name);
  for (const auto& address : text.addresses) {
    std::array<char, sizeof(in6_addr)> bytes;
    const bool v6 = address.find(':') != std::string::npos;
    ESOCKETS_CHECK(::inet_pton(v6 ? AF_INET6 : AF_INET, address.c_str(), bytes.data()) == 1);
    AddName(names, GEN_IPADD, {bytes.data(), v6 ? size_t{16} : size_t{4}});
  }
  if (sk_GENERAL_NAME_num(names) > 0) {
    X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, 0);
  }
  GENERAL_NAMES_free(names);
}

X509Ptr NewCertificate(const CertificateText& text, int64_t serial, EVP_PKEY* key) {
  X509Ptr certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  ASN1_INTEGER_set_int64(X509_get_serialNumber(certificate.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), text.begins_s);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), text.ends_s);
  X509_set_pubkey(certificate.get(), key);
  SetName(X509_get_subject_name(certificate.get()), text.common_name);
  AddAlternativeNames(text, certificate.get());
  return certificate;
}

}  // namespace

std::string ContentOf(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path).rdbuf();
  return text.str();
}

std::string Damaged(std::string pem) {
  pem[pem.size() / 2] = '*';
  return pem;
}

CertificateText LoopbackServer() {
  return {.common_name = "server", .dns_names = {"localhost"}, .addresses = {"127.0.0.1", "::1"}};
}

TestAuthority::TestAuthority(std::string_view name) : key_(NewKey()) {
  char directory[] = "/tmp/esockets.XXXXXX";
  ESOCKETS_CHECK(::mkdtemp(directory) != nullptr);
  directory_ = directory;
  certificate_ = NewCertificate({.common_name = std::string(name)}, ++last_serial_, key_.get());
  X509_set_issuer_name(certificate_.get(), X509_get_subject_name(certificate_.get()));
  using Constraints = std::unique_ptr<BASIC_CONSTRAINTS, tls::Freed<BASIC_CONSTRAINTS_free>>;
  const Constraints constraints(BASIC_CONSTRAINTS_new());
  constraints->ca = 0xFF;
  X509_add1_ext_i2d(certificate_.get(), NID_basic_constraints, constraints.get(), 1, 0);
  ESOCKETS_CHECK(X509_sign(certificate_.get(), key_.get(), EVP_sha256()) > 0);
  ca_file_ = NextFile("ca");
  WriteFile(ca_file_, [&](FILE* file) { return PEM_write_X509(file, certificate_.get()); });
}

TestAuthority::~TestAuthority() {
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

std::string TestAuthority::NextFile(std::string_view what) {
  return directory_ + "/" + std::string(what) + std::to_string(++files_) + ".pem";
}

IssuedCertificate TestAuthority::Issue(const CertificateText& text) {
  const EvpPkeyPtr key = NewKey();
  IssuedCertificate issued{
      .chain_file = NextFile("chain"), .key_file = NextFile("key"), .serial = ++last_serial_};
  const X509Ptr certificate = NewCertificate(text, issued.serial, key.get());
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(certificate_.get()));
  ESOCKETS_CHECK(X509_sign(certificate.get(), key_.get(), EVP_sha256()) > 0);
  WriteFile(issued.chain_file, [&](FILE* file) { return PEM_write_X509(file, certificate.get()); });
  WriteFile(issued.key_file, [&](FILE* file) {
    return PEM_write_PrivateKey(file, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  });
  return issued;
}

std::string TestAuthority::Revoke(const std::vector<int64_t>& serials, int ends_s) {
  const X509CrlPtr list(X509_CRL_new());
  X509_CRL_set_version(list.get(), X509_CRL_VERSION_2);
  X509_CRL_set_issuer_name(list.get(), X509_get_subject_name(certificate_.get()));
  using Time = std::unique_ptr<ASN1_TIME, tls::Freed<ASN1_TIME_free>>;
  const Time begins(X509_gmtime_adj(nullptr, -3600));
  const Time ends(X509_gmtime_adj(nullptr, ends_s));
  X509_CRL_set1_lastUpdate(list.get(), begins.get());
  X509_CRL_set1_nextUpdate(list.get(), ends.get());
  for (const int64_t serial : serials) {
    X509_REVOKED* revoked = X509_REVOKED_new();
    using Number = std::unique_ptr<ASN1_INTEGER, tls::Freed<ASN1_INTEGER_free>>;
    const Number number(ASN1_INTEGER_new());
    ASN1_INTEGER_set_int64(number.get(), serial);
    X509_REVOKED_set_serialNumber(revoked, number.get());
    X509_REVOKED_set_revocationDate(revoked, begins.get());
    X509_CRL_add0_revoked(list.get(), revoked);
  }
  X509_CRL_sort(list.get());
  ESOCKETS_CHECK(X509_CRL_sign(list.get(), key_.get(), EVP_sha256()) > 0);
  const std::string path = NextFile("crl");
  WriteFile(path, [&](FILE* file) { return PEM_write_X509_CRL(file, list.get()); });
  return path;
}

}  // namespace esockets::tests
