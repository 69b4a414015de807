#include "server/tls/openssl.h"

#include <openssl/err.h>

namespace esockets::tls {

// The first of the queue is nearest to the cause.
std::string TakeError() {
  const unsigned long code = ERR_get_error();
  ForgetErrors();
  if (code == 0) return "unknown reason";
  if (const char* reason = ERR_reason_error_string(code)) return reason;
  return "error " + std::to_string(ERR_GET_REASON(code));
}

void ForgetErrors() {
  if (ERR_peek_error() != 0) ERR_clear_error();
}

}  // namespace esockets::tls
