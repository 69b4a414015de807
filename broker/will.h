// A message that a client leaves with the broker when it connects.
#ifndef BROKER_WILL_H_
#define BROKER_WILL_H_

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "broker/auth/identity.h"
#include "broker/class_number.h"
#include "proto/message_frame.h"

namespace esockets::broker {

struct Will {
  proto::MessageFrame message;
  std::string reply_to;  // as in the message
  base::Duration delay{};
  // Of the client that left it.
  Identity identity;
  std::string client_id;
  uint64_t session = 0;
  ClassNumber publisher_class = 0;  // of its client when it came
};

}  // namespace esockets::broker

#endif  // BROKER_WILL_H_
