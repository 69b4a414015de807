// The frame in which a message crosses the broker: the encoded fields 1 to 7 of Message, as the
// publisher wrote them, within the tag of a kind and two lengths, all as short as they can be:
//   length  tag  length  fields
// A Publish of nothing but such fields is one as it arrives. It becomes ServerFrame{message} when
// its tag is overwritten; that is why the tag may be any until then.
#ifndef PROTO_MESSAGE_FRAME_H_
#define PROTO_MESSAGE_FRAME_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/frame_sequence.h"

namespace esockets::proto {

// The encoded fields within such a frame.
std::string_view FieldsOfFrame(std::string_view frame);

// Is there anything in the payload of such a frame?
bool HasPayload(std::string_view frame);

// What delivery contracts look at: views of a frame.
struct MessageLabel {
  std::string_view topic;
  std::string_view key;   // empty: none
  uint32_t ttl_ms = 0;    // 0: none
  uint64_t position = 0;  // 0: it is in no stream
};
// Of a ServerFrame{message} in its frame.
MessageLabel LabelOfFrame(std::string_view frame);

// Makes them frames of a ServerFrame{message}. `copy`: of the frames of `frames`, back to back.
void MarkAsMessages(char* copy, const base::FrameSequence& frames);

// One such frame, made of fields that lie elsewhere.
class MessageFrame {
 public:
  // `topic`: within one of the pieces.
  void Assign(std::string_view topic, std::span<const std::string_view> pieces);

  std::string_view topic() const { return frames().bytes.substr(topic_at_, topic_size_); }
  base::FrameSequence frames() const { return {.bytes = bytes_, .begin = 0, .ends = ends_}; }

 private:
  std::string bytes_;
  size_t topic_at_ = 0;
  size_t topic_size_ = 0;
  std::array<uint32_t, 1> ends_{};
};

}  // namespace esockets::proto

#endif  // PROTO_MESSAGE_FRAME_H_
