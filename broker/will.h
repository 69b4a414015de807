// A message that a client leaves with the broker when it connects.
#ifndef BROKER_WILL_H_
#define BROKER_WILL_H_

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "proto/message_frame.h"

namespace esockets::broker {

struct Will {
  proto::MessageFrame message;
  base::Duration delay{};
  std::string user;      // of the client
  uint64_t session = 0;  // that left it
};

}  // namespace esockets::broker

#endif  // BROKER_WILL_H_
