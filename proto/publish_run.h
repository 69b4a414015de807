// Recognises what most of a broker's input is: Publishes of nothing but a topic and a payload, and
// often many to the same topic, one after the other. They are cut without being decoded field by
// field, and their bytes are message frames as they are (proto/message_frame.h).
#ifndef PROTO_PUBLISH_RUN_H_
#define PROTO_PUBLISH_RUN_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/frame_sequence.h"

namespace esockets::proto {

class PublishRun {
 public:
  struct Limits {
    uint32_t frame_bytes_max;  // without the length prefix
    size_t payload_bytes_max;
  };

  // Does `bytes` begin with such a Publish, whole and within the limits? It is the run then. False:
  // anything else, for the frame delimiter and the decoder to look at. A Publish whose lengths are
  // written longer than necessary, or whose fields are in another order, is for them too.
  bool Begin(std::string_view bytes, const Limits& limits);

  // Takes what follows on the same topic, up to so many frames in all. REQUIRES: Begin was true,
  // and its bytes are still there.
  void Extend(size_t frames_max);

  std::string_view topic() const { return topic_; }  // valid UTF-8
  base::FrameSequence frames() const { return {.bytes = bytes_, .begin = 0, .ends = ends_}; }
  size_t bytes() const { return ends_.back(); }
  uint64_t payload_bytes() const { return payload_bytes_; }

 private:
  struct Frame {
    size_t head_bytes;  // up to the payload
    size_t payload_bytes;
    std::string_view topic;
  };
  bool Read(std::string_view bytes, Frame* frame) const;
  void Take(const Frame& frame);

  Limits limits_{};
  std::string_view bytes_;
  std::string_view topic_;
  std::vector<uint32_t> ends_;
  uint64_t payload_bytes_ = 0;
};

}  // namespace esockets::proto

#endif  // PROTO_PUBLISH_RUN_H_
