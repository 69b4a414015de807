// How a message looks on the wire for a kind of client. The router encodes a message once for each
// wire form, whatever the number of its subscribers.
#ifndef BROKER_WIRE_FORM_H_
#define BROKER_WIRE_FORM_H_

#include "base/counted_block.h"
#include "base/on_loop.h"
#include "broker/message.h"

namespace esockets::broker {

class WireForm {
 public:
  virtual ~WireForm() = default;

  // The message as one frame. Frames of successive calls lie back to back, as far as there is room:
  // that is what makes a run one span.
  virtual base::BlockSpan Encode(const Message& message) ESOCKETS_ON_LOOP = 0;
};

}  // namespace esockets::broker

#endif  // BROKER_WIRE_FORM_H_
