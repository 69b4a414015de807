// A message on its way through the broker: views into the publisher's frame, valid while it is
// routed.
#ifndef BROKER_MESSAGE_H_
#define BROKER_MESSAGE_H_

#include <cstdint>
#include <span>
#include <string_view>

namespace esockets::broker {

struct Message {
  std::string_view topic;
  // Encoded fields 1 to 7 of the protocol's Message, as the publisher wrote them: forwarded as they
  // are.
  std::span<const std::string_view> fields;
  uint64_t publisher = 0;  // session id
};

}  // namespace esockets::broker

#endif  // BROKER_MESSAGE_H_
