#include "server/tls/context_rules.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "gtest/gtest.h"
#include "server/tls/limits.h"
#include "tests/support/test_authority.h"
#include "tests/support/unreadable_files.h"

namespace esockets::tls {
namespace {

using tests::ContentOf;
using tests::Damaged;
using tests::TestAuthority;

class ContextRulesTest : public testing::Test {
 protected:
  std::string Write(const std::string& text) {
    std::string path = base::StrCat(authority.directory(), "/file", ++files, ".pem");
    std::ofstream(path) << text;
    return path;
  }
  // "of PATH: why" without the path, or "" of success.
  static std::string Why(const absl::Status& status, const std::string& path) {
    EXPECT_EQ(ERR_peek_error(), 0u) << "an error is left for the next call";
    if (status.ok()) return "";
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    const std::string message(status.message());
    const std::string begin = path + ": ";
    return message.starts_with(begin) ? message.substr(begin.size()) : message;
  }
  std::string WhyNotUsed(const CertificateFiles& files_in, const std::string& path) {
    return Why(UseCertificate(files_in, context.get()), path);
  }

  TestAuthority authority;
  const tests::IssuedCertificate own = authority.Issue({.common_name = "own"});
  const std::string pem = ContentOf(own.chain_file);
  const SslContextPtr context = MakeContext(TLS_method(), MinVersion::kTls12);
  int files = 0;
};

// --- what both ends keep to

TEST_F(ContextRulesTest, Rules) {
  for (const SSL_METHOD* method : {TLS_server_method(), TLS_client_method()}) {
    for (const MinVersion version : {MinVersion::kTls12, MinVersion::kTls13}) {
      const SslContextPtr made = MakeContext(method, version);
      SSL_CTX* const raw = made.get();
      EXPECT_EQ(SSL_CTX_get_min_proto_version(raw), static_cast<int>(version));
      EXPECT_EQ(SSL_CTX_get_max_proto_version(raw), 0);  // the newest there is
      EXPECT_EQ(SSL_CTX_get_security_level(raw), 2);
      const uint64_t wanted = SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                              SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_PRIORITIZE_CHACHA;
      EXPECT_EQ(SSL_CTX_get_options(raw) & wanted, wanted);
      EXPECT_EQ(SSL_CTX_get_options(raw) & SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION, 0u);
      EXPECT_EQ(SSL_CTX_get_max_cert_list(raw), static_cast<long>(kHandshakeBytesMax));
      EXPECT_NE(SSL_CTX_get_mode(raw) & SSL_MODE_RELEASE_BUFFERS, 0);
      EXPECT_EQ(SSL_CTX_get_max_early_data(raw), 0u);
    }
  }
}

TEST_F(ContextRulesTest, ForwardSecrecyAndAuthenticatedEncryptionAlone) {
  std::vector<std::string> names;
  const STACK_OF(SSL_CIPHER)* ciphers = SSL_CTX_get_ciphers(context.get());
  for (int i = 0; i < sk_SSL_CIPHER_num(ciphers); ++i) {
    const SSL_CIPHER* cipher = sk_SSL_CIPHER_value(ciphers, i);
    names.emplace_back(SSL_CIPHER_get_name(cipher));
    EXPECT_TRUE(SSL_CIPHER_is_aead(cipher)) << names.back();
    const bool newest = std::string_view(SSL_CIPHER_get_version(cipher)) == "TLSv1.3";
    EXPECT_EQ(SSL_CIPHER_get_kx_nid(cipher), newest ? NID_kx_any : NID_kx_ecdhe) << names.back();
    EXPECT_GE(SSL_CIPHER_get_bits(cipher, nullptr), 128) << names.back();
    EXPECT_NE(SSL_CIPHER_get_auth_nid(cipher), NID_auth_null) << names.back();
  }
  std::sort(names.begin(), names.end());
  EXPECT_EQ(names, (std::vector<std::string>{
                       "ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-AES256-GCM-SHA384",
                       "ECDHE-ECDSA-CHACHA20-POLY1305", "ECDHE-RSA-AES128-GCM-SHA256",
                       "ECDHE-RSA-AES256-GCM-SHA384", "ECDHE-RSA-CHACHA20-POLY1305",
                       "TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384",
                       "TLS_CHACHA20_POLY1305_SHA256"}));
}

// --- files

TEST_F(ContextRulesTest, FilesThatCannotBeRead) {
  const tests::UnreadableFiles unreadable(authority.directory(), kFileBytesMax);
  for (const auto& [path, why] : unreadable.all()) {
    EXPECT_EQ(WhyNotUsed({path, own.key_file}, path), why);
    EXPECT_EQ(WhyNotUsed({own.chain_file, path}, path), why);
  }
}

TEST_F(ContextRulesTest, ErrorsOfBeforeAreNotTakenForThose) {
  ERR_raise(ERR_LIB_PEM, PEM_R_BAD_BASE64_DECODE);
  EXPECT_EQ(WhyNotUsed({own.chain_file, own.key_file}, ""), "");
}

// --- certificates with their keys

TEST_F(ContextRulesTest, AChainAndItsKeyAreUsed) {
  const std::string chain = Write(pem + ContentOf(authority.ca_file()) + pem);
  ASSERT_EQ(WhyNotUsed({chain, own.key_file}, ""), "");
  EXPECT_EQ(SSL_CTX_check_private_key(context.get()), 1);
  STACK_OF(X509)* rest = nullptr;
  SSL_CTX_get0_chain_certs(context.get(), &rest);
  EXPECT_EQ(sk_X509_num(rest), 2);
  // All in one file.
  const std::string all = Write(ContentOf(own.key_file) + pem);
  EXPECT_EQ(WhyNotUsed({all, all}, ""), "");
}

std::string KeyText(EVP_PKEY* key, const char* passphrase) {
  const BioPtr bio(BIO_new(BIO_s_mem()));
  const auto* bytes = reinterpret_cast<const unsigned char*>(passphrase);
  const int size = passphrase == nullptr ? 0 : static_cast<int>(std::string(passphrase).size());
  const EVP_CIPHER* cipher = passphrase == nullptr ? nullptr : EVP_aes_256_cbc();
  EXPECT_EQ(PEM_write_bio_PrivateKey(bio.get(), key, cipher, bytes, size, nullptr, nullptr), 1);
  char* text = nullptr;
  const long text_size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<size_t>(text_size)};
}

TEST_F(ContextRulesTest, KeysThatAreNoGood) {
  const std::string key = ContentOf(own.key_file);
  const BioPtr bio(BIO_new_mem_buf(key.data(), static_cast<int>(key.size())));
  const EvpPkeyPtr right(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  const EvpPkeyPtr rsa(EVP_RSA_gen(2048));
  const std::string none = "there is no private key in PEM, or it is encrypted";
  const std::string another = "is not the key of the certificate in " + own.chain_file;
  struct Case {
    std::string text;
    std::string why;
  };
  const std::vector<Case> cases = {
      {key, ""},
      {KeyText(right.get(), nullptr), ""},
      {"", none},
      {pem, none},
      {Damaged(key), none},
      {KeyText(right.get(), "secret"), none},
      {ContentOf(authority.Issue({}).key_file), another},
      {KeyText(rsa.get(), nullptr), another},
  };
  for (const auto& [text, why] : cases) {
    const std::string path = Write(text);
    EXPECT_EQ(WhyNotUsed({own.chain_file, path}, path), why) << text;
  }
}

TEST_F(ContextRulesTest, CertificatesThatAreNoGood) {
  EXPECT_EQ(WhyNotUsed({own.key_file, own.key_file}, own.key_file),
            "there is no certificate in PEM");
  const std::string second = Write(pem + Damaged(pem));
  EXPECT_EQ(WhyNotUsed({second, own.key_file}, second), "certificate 2 is damaged");

  const EvpPkeyPtr weak(EVP_RSA_gen(1024));
  const X509Ptr certificate(X509_new());
  X509_set_pubkey(certificate.get(), weak.get());
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), 0);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 60);
  ASSERT_GT(X509_sign(certificate.get(), weak.get(), EVP_sha256()), 0);
  const BioPtr bio(BIO_new(BIO_s_mem()));
  ASSERT_EQ(PEM_write_bio_X509(bio.get(), certificate.get()), 1);
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  const std::string path = Write({text, static_cast<size_t>(size)});
  EXPECT_EQ(WhyNotUsed({path, own.key_file}, path), "ee key too small");
}

// --- ALPN

TEST_F(ContextRulesTest, AlpnLists) {
  EXPECT_EQ(AlpnList({}), "");
  EXPECT_EQ(AlpnList({"h2"}), "\x02h2");
  EXPECT_EQ(AlpnList({"esockets.v1", "http/1.1"}),
            "\x0B"
            "esockets.v1\x08"
            "http/1.1");
  EXPECT_EQ(AlpnList({std::string(255, 'x')}), "\xFF" + std::string(255, 'x'));
}

}  // namespace
}  // namespace esockets::tls
