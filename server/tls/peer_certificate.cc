#include "server/tls/peer_certificate.h"

#include <openssl/asn1.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <ctime>
#include <optional>
#include <string_view>

#include "base/strings.h"
#include "base/utf8.h"
#include "server/tls/limits.h"

namespace esockets::tls {
namespace {

std::string BytesOf(const ASN1_STRING* text) {
  return {reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
          static_cast<size_t>(ASN1_STRING_length(text))};
}

// The strings of a subject have alphabets of their own.
std::optional<std::string> CommonName(const X509* certificate) {
  const X509_NAME* subject = X509_get_subject_name(certificate);
  const int index = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (index < 0) return std::nullopt;
  unsigned char* utf8 = nullptr;
  const int size =
      ASN1_STRING_to_UTF8(&utf8, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, index)));
  if (size < 0) return std::nullopt;
  std::string name(reinterpret_cast<const char*>(utf8), static_cast<size_t>(size));
  OPENSSL_free(utf8);
  return name;
}

int KindOf(PeerNameSource source) {
  switch (source) {
    case PeerNameSource::kDnsName:
      return GEN_DNS;
    case PeerNameSource::kEmail:
      return GEN_EMAIL;
    default:
      return GEN_URI;
  }
}

std::optional<std::string> AlternativeName(const X509* certificate, int kind) {
  using Names = std::unique_ptr<GENERAL_NAMES, Freed<GENERAL_NAMES_free>>;
  const Names names(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; names != nullptr && i < sk_GENERAL_NAME_num(names.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
    if (name->type == kind) return BytesOf(name->d.ia5);
  }
  return std::nullopt;
}

bool IsControl(char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }

}  // namespace

absl::StatusOr<std::string> PeerName(const X509* certificate, PeerNameSource source) {
  const auto mistake = [](std::string_view why) {
    return base::Error(absl::StatusCode::kInvalidArgument, "the certificate's name ", why);
  };
  std::optional<std::string> name = source == PeerNameSource::kCommonName
                                        ? CommonName(certificate)
                                        : AlternativeName(certificate, KindOf(source));
  if (!name || name->empty()) return mistake("is missing");
  if (name->size() > kPeerNameBytesMax) return mistake("is too long");
  if (std::any_of(name->begin(), name->end(), IsControl)) return mistake("has control characters");
  if (!base::IsValidUtf8(*name)) return mistake("is no valid UTF-8");
  return *std::move(name);
}

int64_t ExpiresAtSeconds(const X509* certificate) {
  std::tm time{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &time) != 1) return 0;
  return ::timegm(&time);
}

}  // namespace esockets::tls
