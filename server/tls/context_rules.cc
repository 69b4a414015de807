#include "server/tls/context_rules.h"

#include <openssl/err.h>
#include <openssl/pem.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "base/check.h"
#include "base/strings.h"
#include "server/tls/limits.h"

namespace esockets::tls {
namespace {

absl::Status InFile(const std::string& path, std::string_view why) {
  return base::Error(absl::StatusCode::kInvalidArgument, path, ": ", why);
}

// Nobody is asked for the passphrase of a key: a broker has no terminal.
int NoPassphrase(char*, int, int, void*) { return -1; }

absl::Status UseKey(const CertificateFiles& files, SSL_CTX* context) {
  const std::string& path = files.key_file;
  const absl::StatusOr<std::string> text = ReadPemFile(path);
  if (!text.ok()) return text.status();
  const BioPtr bio(BIO_new_mem_buf(text->data(), static_cast<int>(text->size())));
  const EvpPkeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, &NoPassphrase, nullptr));
  ForgetErrors();
  if (key == nullptr) return InFile(path, "there is no private key in PEM, or it is encrypted");
  if (X509_check_private_key(SSL_CTX_get0_certificate(context), key.get()) != 1) {
    ForgetErrors();
    return InFile(path, base::StrCat("is not the key of the certificate in ", files.chain_file));
  }
  if (SSL_CTX_use_PrivateKey(context, key.get()) == 1) return absl::OkStatus();
  return InFile(path, TakeError());
}

}  // namespace

SslContextPtr MakeContext(const SSL_METHOD* method, MinVersion min_version) {
  SslContextPtr context(SSL_CTX_new(method));
  ESOCKETS_CHECK(context != nullptr);
  SSL_CTX_set_security_level(context.get(), 2);
  ESOCKETS_CHECK(SSL_CTX_set_min_proto_version(context.get(), static_cast<int>(min_version)) == 1);
  ESOCKETS_CHECK(SSL_CTX_set_cipher_list(context.get(), "ECDHE+AESGCM:ECDHE+CHACHA20") == 1);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                         SSL_OP_CIPHER_SERVER_PREFERENCE |
                                         SSL_OP_PRIORITIZE_CHACHA);
  SSL_CTX_set_max_cert_list(context.get(), kHandshakeBytesMax);
  // An idle connection keeps no buffers.
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  return context;
}

absl::StatusOr<std::string> ReadPemFile(const std::string& path) {
  std::error_code error;
  const auto type = std::filesystem::status(path, error).type();
  if (type == std::filesystem::file_type::not_found) return InFile(path, "there is no such file");
  if (type == std::filesystem::file_type::directory) return InFile(path, "this is a folder");
  std::ifstream file(path, std::ios::binary);
  std::string text;
  std::array<char, 4096> piece;
  while (file && text.size() <= kFileBytesMax) {
    file.read(piece.data(), piece.size());
    text.append(piece.data(), static_cast<size_t>(file.gcount()));
  }
  if (text.size() > kFileBytesMax) return InFile(path, "is too large");
  if (!file.eof()) return InFile(path, "cannot be read; check its rights");
  return text;
}

absl::StatusOr<std::vector<X509Ptr>> ReadCertificates(const std::string& path) {
  const absl::StatusOr<std::string> text = ReadPemFile(path);
  if (!text.ok()) return text.status();
  const BioPtr bio(BIO_new_mem_buf(text->data(), static_cast<int>(text->size())));
  std::vector<X509Ptr> certificates;
  while (X509* read = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) {
    certificates.emplace_back(read);
  }
  const bool at_end = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
  ForgetErrors();
  if (certificates.empty()) return InFile(path, "there is no certificate in PEM");
  if (!at_end) {
    return InFile(path, base::StrCat("certificate ", certificates.size() + 1, " is damaged"));
  }
  return certificates;
}

absl::Status UseCertificate(const CertificateFiles& files, SSL_CTX* context) {
  absl::StatusOr<std::vector<X509Ptr>> chain = ReadCertificates(files.chain_file);
  if (!chain.ok()) return chain.status();
  ForgetErrors();
  if (SSL_CTX_use_certificate(context, chain->front().get()) != 1) {
    return InFile(files.chain_file, TakeError());
  }
  for (size_t i = 1; i < chain->size(); ++i) {
    if (SSL_CTX_add1_chain_cert(context, (*chain)[i].get()) != 1) {
      return InFile(files.chain_file, TakeError());
    }
  }
  return UseKey(files, context);
}

std::string AlpnList(const std::vector<std::string>& protocols) {
  std::string list;
  for (const std::string& protocol : protocols) {
    list += static_cast<char>(protocol.size());
    list += protocol;
  }
  return list;
}

}  // namespace esockets::tls
