// How a message looks on the wire for a kind of client. The router encodes a message once for each
// wire form, whatever the number of its subscribers.
#ifndef BROKER_WIRE_FORM_H_
#define BROKER_WIRE_FORM_H_

#include <cstddef>
#include <memory>
#include <string_view>

#include "base/counted_block.h"
#include "base/on_loop.h"
#include "broker/message_batch.h"
#include "broker/messages.h"
#include "proto/message_frame.h"

namespace esockets::broker {

class WireForm {
 public:
  virtual ~WireForm() = default;

  // The first of the messages as a frame each: as many as lie back to back, at least one. Writes
  // their number to `encoded`. Frames of successive calls lie back to back, as far as there is
  // room: that is what makes a run one span.
  virtual base::BlockSpan Encode(const Messages& messages, size_t* encoded) ESOCKETS_ON_LOOP = 0;

  // Until EndBatch, all messages are of this batch of another loop: a form may share its bytes.
  virtual void BeginBatch(const std::shared_ptr<const MessageBatch>& batch) ESOCKETS_ON_LOOP = 0;
  virtual void EndBatch() ESOCKETS_ON_LOOP = 0;

  // Stamped messages where they are, without a copy: `keeper` keeps them. REQUIRES: there are some.
  virtual base::BlockSpan Share(const base::FrameSequence& frames,
                                base::BytesKeeper keeper) ESOCKETS_ON_LOOP = 0;

  // Of a frame that Encode has made.
  virtual proto::MessageLabel LabelOf(std::string_view frame) const = 0;
};

}  // namespace esockets::broker

#endif  // BROKER_WIRE_FORM_H_
