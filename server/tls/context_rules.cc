#include "server/tls/context_rules.h"

#include <utility>

#include "base/check.h"
#include "base/strings.h"
#include "server/tls/limits.h"
#include "server/tls/pem_files.h"

namespace esockets::tls {
namespace {

absl::Status UseKey(const CertificateFiles& files, SSL_CTX* context) {
  const std::string& path = files.key_file;
  const absl::StatusOr<PemFile> file = ReadPemFile(path);
  if (!file.ok()) return file.status();
  const absl::StatusOr<EvpPkeyPtr> key = PrivateKeyIn(*file);
  if (!key.ok()) return key.status();
  if (X509_check_private_key(SSL_CTX_get0_certificate(context), key->get()) != 1) {
    ForgetErrors();
    return InFile(path, base::StrCat("is not the key of the certificate in ", files.chain_file));
  }
  if (SSL_CTX_use_PrivateKey(context, key->get()) == 1) return absl::OkStatus();
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
