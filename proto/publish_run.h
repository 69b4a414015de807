// Recognises what most of a broker's input is: Publishes of nothing but a topic and a payload, and
// often many to the same topic, one after the other. They are cut without being decoded field by
// field, and their bytes are message frames as they are (proto/message_frame.h).
//
// Anything else is for the frame delimiter and the decoder to look at: among it a Publish whose
// lengths are written longer than necessary, or whose fields are in another order.
#ifndef PROTO_PUBLISH_RUN_H_
#define PROTO_PUBLISH_RUN_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "base/frame_sequence.h"

namespace esockets::proto {

// Such Publishes, one after the other, to one topic; at least one.
class PublishRun {
 public:
  struct Limits {
    uint32_t frame_bytes_max;  // without the length prefix
    size_t payload_bytes_max;
    size_t frames_max;  // of one run
  };

  // Any bytes: nobody has looked at it.
  std::string_view topic() const { return topic_; }
  base::FrameSequence frames() const { return {.bytes = bytes_, .begin = 0, .ends = ends_}; }
  size_t bytes() const { return ends_.back(); }
  uint64_t payload_bytes() const { return payload_bytes_; }

 private:
  friend class PublishRuns;
  struct Frame {
    size_t head_bytes = 0;  // up to the payload
    size_t payload_bytes = 0;
    std::string_view topic;

    // Is it what `bytes` begin with, whole and within the limits?
    bool Read(std::string_view bytes, const Limits& limits);
  };

  void Begin(std::string_view bytes, const Frame& first);
  // Takes what follows to the same topic. True: another such Publish follows, and is read into
  // `next`.
  bool Extend(const Limits& limits, Frame* next);
  void Take(const Frame& frame);

  std::string_view bytes_;
  std::string_view topic_;
  std::vector<uint32_t> ends_;
  uint64_t payload_bytes_ = 0;
};

// What received bytes begin with, as far as it is such Publishes.
class PublishRuns {
 public:
  static constexpr size_t kRunsMax = 16;

  // Cuts at most kRunsMax runs; ends before the first topic that `accept` refuses. Views of
  // `bytes`; valid until the next call.
  using Accept = absl::FunctionRef<bool(std::string_view topic)>;
  std::span<const PublishRun> Cut(std::string_view bytes, const PublishRun::Limits& limits,
                                  Accept accept);

 private:
  std::array<PublishRun, kRunsMax> runs_;
};

}  // namespace esockets::proto

#endif  // PROTO_PUBLISH_RUN_H_
