#include "clients/cpp/ticket.h"

#include "clients/cpp/status.h"

namespace esockets::client {

std::string_view Ticket::Show(const ClientOptions& options, std::string_view token) {
  shown_alone_ = !empty() && token.empty() && options.user.empty() && options.password.empty();
  return bytes_;
}

bool Ticket::OnClose(uint32_t code) {
  const bool is_refused = code == kNotAuthenticatedCode && shown_alone_;
  if (is_refused || code == kCredentialsExpiredCode) bytes_.clear();
  return is_refused;
}

}  // namespace esockets::client
