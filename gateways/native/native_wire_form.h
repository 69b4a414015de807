// Messages as frames of the native protocol, written once into the loop's frame arena.
#ifndef GATEWAYS_NATIVE_NATIVE_WIRE_FORM_H_
#define GATEWAYS_NATIVE_NATIVE_WIRE_FORM_H_

#include <cstddef>
#include <memory>

#include "base/counted_block.h"
#include "base/on_loop.h"
#include "broker/messages.h"
#include "broker/wire_form.h"
#include "proto/message_frame.h"
#include "server/event_loop.h"

namespace esockets::native {

class NativeWireForm final : public broker::WireForm {
 public:
  // REQUIRES: the loop outlives the form.
  NativeWireForm(server::EventLoop* loop, broker::Stamps stamps) : loop_(*loop), stamps_(stamps) {}

  base::BlockSpan Encode(const broker::Messages& messages,
                         size_t* encoded) override ESOCKETS_ON_LOOP;

  void BeginBatch(const std::shared_ptr<const broker::MessageBatch>& batch) override
      ESOCKETS_ON_LOOP;
  void EndBatch() override ESOCKETS_ON_LOOP { batch_ = base::BlockRef(); }
  base::BlockSpan Share(const base::FrameSequence& frames,
                        base::BytesKeeper keeper) override ESOCKETS_ON_LOOP {
    return {loop_.arena().Share(frames, std::move(keeper)), frames.begin, frames.ends.back()};
  }
  proto::MessageLabel LabelOf(std::string_view frame) const override {
    return proto::LabelOfFrame(frame);
  }

 private:
  base::BlockSpan EncodeStamped(const broker::Messages& messages) ESOCKETS_ON_LOOP;

  server::EventLoop& loop_;
  const broker::Stamps stamps_;
  base::BlockRef batch_;  // null: there is none, or its frames are copied
};

}  // namespace esockets::native

#endif  // GATEWAYS_NATIVE_NATIVE_WIRE_FORM_H_
