// A wire form of which a frame is nothing but its topic, with a key behind a '=' and a ttl in
// milliseconds behind a '~': "price=eur~500".
#ifndef TESTS_SUPPORT_TOPIC_FORM_H_
#define TESTS_SUPPORT_TOPIC_FORM_H_

#include <charconv>
#include <cstddef>
#include <memory>
#include <string_view>

#include "base/counted_block.h"
#include "base/frame_sequence.h"
#include "broker/message_batch.h"
#include "broker/messages.h"
#include "broker/wire_form.h"
#include "proto/message_frame.h"

namespace esockets::tests {

class TopicForm final : public broker::WireForm {
 public:
  base::BlockSpan Encode(const broker::Messages&, size_t*) override { return {}; }
  void BeginBatch(const std::shared_ptr<const broker::MessageBatch>&) override {}
  void EndBatch() override {}
  base::BlockSpan Share(const base::FrameSequence&, base::BytesKeeper) override { return {}; }

  proto::MessageLabel LabelOf(std::string_view frame) const override {
    proto::MessageLabel label;
    if (const size_t at = frame.find('~'); at != std::string_view::npos) {
      std::from_chars(frame.data() + at + 1, frame.data() + frame.size(), label.ttl_ms);
      frame = frame.substr(0, at);
    }
    const size_t at = frame.find('=');
    label.topic = frame.substr(0, at);
    if (at != std::string_view::npos) label.key = frame.substr(at + 1);
    return label;
  }
};

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_TOPIC_FORM_H_
