#include "server/tls/pem_files.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <utility>

#include "base/strings.h"
#include "base/whole_file.h"
#include "server/tls/limits.h"

namespace esockets::tls {
namespace {

BioPtr Reader(const PemFile& file) {
  return BioPtr(BIO_new_mem_buf(file.text.data(), static_cast<int>(file.text.size())));
}

// `read`: a PEM_read_bio_... of OpenSSL's. `what`: "certificate", `none`: that there is none.
template <typename Ptr, typename Read>
absl::StatusOr<std::vector<Ptr>> AllIn(const PemFile& file, Read read, std::string_view what,
                                       std::string_view none) {
  const BioPtr bio = Reader(file);
  std::vector<Ptr> all;
  while (Ptr one{read(bio.get(), nullptr, nullptr, nullptr)}) all.push_back(std::move(one));
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ForgetErrors();
  if (all.empty()) return InFile(file.path, none);
  if (!at_end) return InFile(file.path, base::StrCat(what, " ", all.size() + 1, " is damaged"));
  return all;
}

int NoPassphrase(char*, int, int, void*) { return -1; }

}  // namespace

absl::Status InFile(const std::string& path, std::string_view why) {
  return base::Error(absl::StatusCode::kInvalidArgument, path, ": ", why);
}

absl::StatusOr<PemFile> ReadPemFile(const std::string& path) {
  absl::StatusOr<std::string> text = base::ReadWholeFile(path, kFileBytesMax);
  if (!text.ok()) return InFile(path, base::Message(text.status()));
  return PemFile{.path = path, .text = *std::move(text)};
}

absl::StatusOr<std::vector<X509Ptr>> CertificatesIn(const PemFile& file) {
  return AllIn<X509Ptr>(file, &PEM_read_bio_X509, "certificate", "there is no certificate in PEM");
}

absl::StatusOr<std::vector<X509CrlPtr>> RevocationsIn(const PemFile& file) {
  return AllIn<X509CrlPtr>(file, &PEM_read_bio_X509_CRL, "list",
                           "there is no list of revocations in PEM");
}

absl::StatusOr<EvpPkeyPtr> PrivateKeyIn(const PemFile& file) {
  EvpPkeyPtr key(PEM_read_bio_PrivateKey(Reader(file).get(), nullptr, &NoPassphrase, nullptr));
  ForgetErrors();
  if (key == nullptr) {
    return InFile(file.path, "there is no private key in PEM, or it is encrypted");
  }
  return key;
}

absl::StatusOr<std::vector<X509Ptr>> ReadCertificates(const std::string& path) {
  const absl::StatusOr<PemFile> file = ReadPemFile(path);
  return file.ok() ? CertificatesIn(*file) : file.status();
}

}  // namespace esockets::tls
