#include "server/tls/peer_certificate.h"

#include <openssl/asn1.h>
#include <openssl/x509v3.h>

#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "server/tls/limits.h"
#include "server/tls/pem_files.h"
#include "tests/support/test_authority.h"

namespace esockets::tls {
namespace {

using std::string_literals::operator""s;
using tests::CertificateText;
using tests::TestAuthority;

constexpr PeerNameSource kSources[] = {PeerNameSource::kCommonName, PeerNameSource::kDnsName,
                                       PeerNameSource::kEmail, PeerNameSource::kUri};

TestAuthority& Authority() {
  static TestAuthority authority;
  return authority;
}

X509Ptr Issued(const CertificateText& text) {
  auto read = ReadCertificates(Authority().Issue(text).chain_file);
  EXPECT_TRUE(read.ok()) << read.status();
  return std::move(read->front());
}

CertificateText Naming(PeerNameSource source, const std::vector<std::string>& names) {
  CertificateText text{.common_name = "someone"};
  if (source == PeerNameSource::kCommonName) text.common_name = names.front();
  if (source == PeerNameSource::kDnsName) text.dns_names = names;
  if (source == PeerNameSource::kEmail) text.emails = names;
  if (source == PeerNameSource::kUri) text.uris = names;
  return text;
}

// The name, or why there is none.
std::string NameOf(const X509* certificate, PeerNameSource source) {
  const auto name = PeerName(certificate, source);
  if (name.ok()) return *name;
  EXPECT_EQ(name.status().code(), absl::StatusCode::kInvalidArgument);
  return "!" + std::string(name.status().message());
}

// Unsigned, with these common names of these ASN.1 types.
X509Ptr OfType(const std::vector<std::pair<int, std::string>>& names) {
  X509Ptr certificate(X509_new());
  for (const auto& [type, name] : names) {
    EXPECT_EQ(X509_NAME_add_entry_by_NID(X509_get_subject_name(certificate.get()), NID_commonName,
                                         type, reinterpret_cast<const unsigned char*>(name.data()),
                                         static_cast<int>(name.size()), -1, 0),
              1);
  }
  return certificate;
}

TEST(PeerCertificate, EachSource) {
  const X509Ptr certificate = Issued({.common_name = "common",
                                      .dns_names = {"dns.example.org"},
                                      .emails = {"user@example.org"},
                                      .uris = {"spiffe://example.org/7"},
                                      .addresses = {"127.0.0.1"}});
  EXPECT_EQ(NameOf(certificate.get(), PeerNameSource::kCommonName), "common");
  EXPECT_EQ(NameOf(certificate.get(), PeerNameSource::kDnsName), "dns.example.org");
  EXPECT_EQ(NameOf(certificate.get(), PeerNameSource::kEmail), "user@example.org");
  EXPECT_EQ(NameOf(certificate.get(), PeerNameSource::kUri), "spiffe://example.org/7");
}

TEST(PeerCertificate, TheFirstOfItsKind) {
  for (const PeerNameSource source : kSources) {
    if (source == PeerNameSource::kCommonName) continue;
    const X509Ptr certificate = Issued(Naming(source, {"first", "second", "third"}));
    EXPECT_EQ(NameOf(certificate.get(), source), "first");
  }
  const X509Ptr two = OfType({{V_ASN1_UTF8STRING, "first"}, {V_ASN1_UTF8STRING, "second"}});
  EXPECT_EQ(NameOf(two.get(), PeerNameSource::kCommonName), "first");
}

TEST(PeerCertificate, NoneOfThatKind) {
  const X509Ptr bare = Issued({.common_name = "common", .addresses = {"::1"}});
  const X509Ptr nothing(X509_new());
  for (const PeerNameSource source : kSources) {
    EXPECT_EQ(NameOf(nothing.get(), source), "!the certificate's name is missing");
    if (source == PeerNameSource::kCommonName) continue;
    EXPECT_EQ(NameOf(bare.get(), source), "!the certificate's name is missing");
  }
}

TEST(PeerCertificate, NamesThatAreNone) {
  struct Case {
    std::string name;
    std::string why;
  };
  const std::vector<Case> cases = {
      {"", "is missing"},
      {"admin\0.evil"s, "has control characters"},
      {"\0"s, "has control characters"},
      {"two\nlines", "has control characters"},
      {"tab\t", "has control characters"},
      {"\x1B[2J", "has control characters"},
      {"\x7F", "has control characters"},
      {std::string(kPeerNameBytesMax + 1, 'x'), "is too long"},
      {"caf\xE9", "is no valid UTF-8"},
      {"\xC0\x80", "is no valid UTF-8"},
      {"\xED\xA0\x80", "is no valid UTF-8"},
      {"cut \xE2\x82", "is no valid UTF-8"},
  };
  for (const PeerNameSource source : kSources) {
    for (const auto& [name, why] : cases) {
      // OpenSSL neither signs nor reads a subject that is no valid UTF-8.
      if (source == PeerNameSource::kCommonName && why == "is no valid UTF-8") continue;
      const X509Ptr certificate = source == PeerNameSource::kCommonName
                                      ? OfType({{V_ASN1_UTF8STRING, name}})
                                      : Issued(Naming(source, {name, "good"}));
      EXPECT_EQ(NameOf(certificate.get(), source), "!the certificate's name " + why)
          << testing::PrintToString(name) << " of source " << static_cast<int>(source);
    }
  }
}

TEST(PeerCertificate, NamesThatAreGood) {
  const std::vector<std::string> names = {
      "a", "two words", "caf\u00E9", "\u8A71", "\U0001F600", std::string(kPeerNameBytesMax, 'x')};
  for (const PeerNameSource source : kSources) {
    for (const std::string& name : names) {
      EXPECT_EQ(NameOf(Issued(Naming(source, {name})).get(), source), name);
    }
  }
}

// Their alphabets are not UTF-8, but the name is.
TEST(PeerCertificate, StringsOfOtherAlphabets) {
  struct Case {
    int type;
    std::string bytes;
    std::string name;
  };
  const std::vector<Case> cases = {
      {V_ASN1_PRINTABLESTRING, "plain", "plain"},
      {V_ASN1_IA5STRING, "a@b", "a@b"},
      {V_ASN1_T61STRING, "caf\xE9", "caf\u00E9"},
      {V_ASN1_BMPSTRING, "\0c\0a\0f\0\xE9\x8A\x71"s, "caf\u00E9\u8A71"},
      {V_ASN1_UNIVERSALSTRING, "\0\0\0a\0\x01\xF6\0"s, "a\U0001F600"},
      {V_ASN1_BMPSTRING, "\0a\0\0\0b"s, "!the certificate's name has control characters"},
      {V_ASN1_T61STRING, "a\0b"s, "!the certificate's name has control characters"},
  };
  for (const auto& [type, bytes, name] : cases) {
    EXPECT_EQ(NameOf(OfType({{type, bytes}}).get(), PeerNameSource::kCommonName), name)
        << "type " << type << ", " << testing::PrintToString(bytes);
  }
}

TEST(PeerCertificate, WhenItExpires) {
  struct Case {
    const char* time;
    int64_t seconds;
  };
  const std::vector<Case> cases = {
      {"19700101000000Z", 0},
      {"20000229120000Z", 951'825'600},
      {"20380119031408Z", 2147483648},
      {"20491231235959Z", 2524607999},
      {"99991231235959Z", 253402300799},
  };
  for (const auto& [time, seconds] : cases) {
    const X509Ptr certificate(X509_new());
    ASSERT_EQ(ASN1_TIME_set_string_X509(X509_getm_notAfter(certificate.get()), time), 1) << time;
    EXPECT_EQ(ExpiresAtSeconds(certificate.get()), seconds) << time;
  }
  const X509Ptr never_set(X509_new());
  ASN1_STRING_set(X509_getm_notAfter(never_set.get()), "no time", -1);
  EXPECT_EQ(ExpiresAtSeconds(never_set.get()), 0);  // long ago
}

}  // namespace
}  // namespace esockets::tls
