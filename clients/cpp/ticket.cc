#include "clients/cpp/ticket.h"

#include "clients/cpp/status.h"

namespace esockets::client {

std::string_view Ticket::Show(const ClientOptions& options, std::string_view token) {
  shown_alone_ = !empty() && token.empty() && options.user.empty() && options.password.empty();
  return bytes_;
}

bool Ticket::OnClose(uint32_t code) {
  const bool is_refused = code == kNotAuthenticatedCode && shown_alone_;
  const bool is_void = code == kCredentialsExpiredCode || code == kCredentialsRevokedCode;
  if (is_refused || is_void) bytes_.clear();
  return is_refused;
}

}  // namespace esockets::client
