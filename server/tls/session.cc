#include "server/tls/session.h"

#include <openssl/err.h>
#include <openssl/x509_vfy.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/check.h"

namespace esockets::tls {

// --- the wire -----------------------------------------------------------------------------------

int Session::Read(BIO* bio, char* out, size_t size, size_t* read_bytes) {
  std::string_view& input = static_cast<Session*>(BIO_get_data(bio))->wire_.input;
  BIO_clear_retry_flags(bio);
  *read_bytes = std::min(size, input.size());
  if (*read_bytes == 0) {
    BIO_set_retry_read(bio);
    return 0;
  }
  std::memcpy(out, input.data(), *read_bytes);
  input.remove_prefix(*read_bytes);
  return 1;
}

int Session::Write(BIO* bio, const char* data, size_t size, size_t* written_bytes) {
  static_cast<Session*>(BIO_get_data(bio))->wire_.output->append(data, size);
  *written_bytes = size;
  return 1;
}

// NOLINTNEXTLINE(google-runtime-int)
long Session::Control(BIO*, int command, long, void*) {
  return command == BIO_CTRL_FLUSH ? 1 : 0;  // the output is never full
}

const BIO_METHOD* Session::Method() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "bytes");
    ESOCKETS_CHECK(made != nullptr);
    BIO_meth_set_read_ex(made, &Read);
    BIO_meth_set_write_ex(made, &Write);
    BIO_meth_set_ctrl(made, &Control);
    return made;
  }();
  return method;
}

Session::Session(SslPtr ssl) : ssl_(std::move(ssl)) {
  BIO* bio = BIO_new(Method());
  ESOCKETS_CHECK(bio != nullptr);
  BIO_set_data(bio, this);
  BIO_set_init(bio, 1);
  SSL_set_bio(ssl_.get(), bio, bio);
}

// OpenSSL resumes no session whose connection broke; but a network that breaks is when it is worth
// most. Nothing asks for that any more (RFC 5246, section 7.2.1).
Session::~Session() { SSL_set_shutdown(ssl_.get(), SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN); }

// --- what it does -------------------------------------------------------------------------------

Session::Outcome Session::Handshake(std::string_view* input, std::string* output) {
  wire_ = {*input, output};
  ForgetErrors();
  const int result = SSL_do_handshake(ssl_.get());
  *input = wire_.input;
  return result == 1 ? Outcome::kDone : Judge(result);
}

Session::Outcome Session::Decrypt(std::string_view input, std::span<char> plain,
                                  size_t* plain_bytes, std::string* output) {
  wire_ = {input, output};
  *plain_bytes = 0;
  ForgetErrors();
  while (true) {
    size_t read_bytes = 0;
    const int result = SSL_read_ex(ssl_.get(), plain.data() + *plain_bytes,
                                   plain.size() - *plain_bytes, &read_bytes);
    if (result != 1) return Judge(result);
    *plain_bytes += read_bytes;
    ESOCKETS_CHECK(*plain_bytes < plain.size());
  }
}

bool Session::Encrypt(std::string_view plain, std::string* output) {
  wire_ = {{}, output};
  ForgetErrors();
  size_t written_bytes = 0;
  if (plain.empty()) return true;
  const int result = SSL_write_ex(ssl_.get(), plain.data(), plain.size(), &written_bytes);
  if (result == 1) return true;
  Judge(result);
  return false;
}

void Session::Close(std::string* output) {
  wire_ = {{}, output};
  ForgetErrors();
  SSL_shutdown(ssl_.get());
  ForgetErrors();
}

Session::Outcome Session::Judge(int result) {
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return Outcome::kMore;
    case SSL_ERROR_ZERO_RETURN:
      return Outcome::kDone;
    default:
      if (mistake_.empty()) mistake_ = Reason();
      ForgetErrors();
      return Outcome::kFailed;
  }
}

// What TLS says of it, and not a cipher below. What is wrong with a certificate says more than that
// its verification has failed.
std::string Session::Reason() {
  if (ERR_GET_LIB(ERR_peek_last_error()) == ERR_LIB_SSL) {
    while (ERR_GET_LIB(ERR_peek_error()) != ERR_LIB_SSL) ERR_get_error();
  }
  const auto verified = SSL_get_verify_result(ssl_.get());
  if (verified != X509_V_OK &&
      ERR_GET_REASON(ERR_peek_error()) == SSL_R_CERTIFICATE_VERIFY_FAILED) {
    return std::string("certificate: ") + (verified == X509_V_ERR_APPLICATION_VERIFICATION
                                               ? "no usable name"
                                               : X509_verify_cert_error_string(verified));
  }
  return TakeError();
}

}  // namespace esockets::tls
