// What stands for a client's credentials when it comes back: the broker tells it, and takes it
// once.
#ifndef CLIENTS_CPP_TICKET_H_
#define CLIENTS_CPP_TICKET_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "clients/cpp/options.h"

namespace esockets::client {

// The last one that a client was told, across its connections. A secret as a password is: no text
// and no event has it.
// Thread: the loop.
class Ticket {
 public:
  bool empty() const { return bytes_.empty(); }

  // For `resume` of a Connect with these credentials; `token`: instead of the options'. Empty:
  // there is none. Good until the next call.
  std::string_view Show(const ClientOptions& options, std::string_view token);

  // `ticket`: of the frame.
  void OnConnected(std::string_view ticket) { bytes_ = ticket; }
  void OnGoAway(std::string_view ticket) {
    if (!ticket.empty()) bytes_ = ticket;
  }
  // True: the broker did not take it and was shown nothing else, so that a Connect without it is
  // worth an attempt.
  bool OnClose(uint32_t code);

 private:
  std::string bytes_;
  bool shown_alone_ = false;  // by the last Connect
};

}  // namespace esockets::client

#endif  // CLIENTS_CPP_TICKET_H_
