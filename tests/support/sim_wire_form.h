// The native wire form over chunks of counted blocks, without server/: frames of a turn lie back to
// back, as they do in server/frame_arena.
#ifndef TESTS_SUPPORT_SIM_WIRE_FORM_H_
#define TESTS_SUPPORT_SIM_WIRE_FORM_H_

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/clock.h"
#include "base/counted_block.h"
#include "base/on_loop.h"
#include "broker/messages.h"
#include "broker/wire_form.h"
#include "proto/message_frame.h"

namespace esockets::tests {

class SimWireForm final : public broker::WireForm {
 public:
  // `clock` outlives the form.
  explicit SimWireForm(const base::Clock* clock, uint32_t chunk_bytes = 64 * 1024)
      : clock_(*clock), chunk_bytes_(chunk_bytes) {}

  base::BlockSpan Encode(const broker::Messages& messages,
                         size_t* encoded) override ESOCKETS_ON_LOOP;
  void BeginBatch(const std::shared_ptr<const broker::MessageBatch>&) override ESOCKETS_ON_LOOP {}
  void EndBatch() override ESOCKETS_ON_LOOP {}
  base::BlockSpan Share(const base::FrameSequence& frames,
                        base::BytesKeeper keeper) override ESOCKETS_ON_LOOP;
  proto::MessageLabel LabelOf(std::string_view frame) const override {
    return proto::LabelOfFrame(frame);
  }

  // Whatever comes next lies elsewhere.
  void BeginChunk();

  uint64_t encodings() const { return encodings_; }

 private:
  const base::Clock& clock_;
  const uint32_t chunk_bytes_;
  base::BlockRef open_;
  uint32_t used_bytes_ = 0;
  uint64_t encodings_ = 0;
};

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_SIM_WIRE_FORM_H_
