#include "proto/publish_run.h"

#include "base/utf8.h"
#include "proto/esockets.pb.h"
#include "proto/field_reader.h"
#include "proto/varint.h"

namespace esockets::proto {
namespace {

constexpr uint32_t kPublishTag = Tag(ClientFrame::kPublishFieldNumber, WireType::kBytes);
constexpr uint32_t kTopicTag = Tag(Publish::kTopicFieldNumber, WireType::kBytes);
constexpr uint32_t kPayloadTag = Tag(Publish::kPayloadFieldNumber, WireType::kBytes);
static_assert(kPublishTag < 0x80 && kTopicTag < 0x80 && kPayloadTag < 0x80);
static_assert(int{Publish::kTopicFieldNumber} == int{Message::kTopicFieldNumber} &&
              int{Publish::kPayloadFieldNumber} == int{Message::kPayloadFieldNumber});

// Goes through a frame as it is expected to be.
class Walk {
 public:
  explicit Walk(std::string_view bytes) : begin_(bytes.data()), at_(begin_), left_(bytes.size()) {}

  size_t passed() const { return static_cast<size_t>(at_ - begin_); }

  bool Byte(uint32_t expected) {
    if (left_ == 0 || static_cast<uint8_t>(*at_) != expected) return false;
    Skip(1);
    return true;
  }
  // A length in its shortest form; false also when it goes on beyond the bytes.
  bool Length(size_t* length) {
    size_t value = 0;
    for (size_t i = 0; i < kVarint32BytesMax && i < left_; ++i) {
      const auto byte = static_cast<uint8_t>(at_[i]);
      value |= size_t{byte & 0x7FU} << (7 * i);
      if (byte >= 0x80) continue;
      if (byte == 0 && i > 0) return false;
      Skip(i + 1);
      *length = value;
      return true;
    }
    return false;
  }
  bool Bytes(size_t size, std::string_view* bytes) {
    if (size > left_) return false;
    *bytes = {at_, size};
    Skip(size);
    return true;
  }

 private:
  void Skip(size_t bytes) {
    at_ += bytes;
    left_ -= bytes;
  }

  const char* const begin_;
  const char* at_;
  size_t left_;
};

}  // namespace

bool PublishRun::Begin(std::string_view bytes, const Limits& limits) {
  limits_ = limits;
  bytes_ = bytes;
  ends_.clear();
  payload_bytes_ = 0;
  Frame frame;
  if (!Read(bytes, &frame) || !base::IsValidUtf8(frame.topic)) return false;
  topic_ = frame.topic;
  Take(frame);
  return true;
}

bool PublishRun::Read(std::string_view bytes, Frame* frame) const {
  Walk walk(bytes);
  size_t frame_bytes = 0, publish_bytes = 0, topic_bytes = 0, payload_bytes = 0;
  if (!walk.Length(&frame_bytes) || frame_bytes > limits_.frame_bytes_max) return false;
  const size_t end = walk.passed() + frame_bytes;
  if (end > bytes.size()) return false;
  if (!walk.Byte(kPublishTag) || !walk.Length(&publish_bytes)) return false;
  if (walk.passed() + publish_bytes != end) return false;
  if (!walk.Byte(kTopicTag) || !walk.Length(&topic_bytes)) return false;
  if (!walk.Bytes(topic_bytes, &frame->topic)) return false;
  // A Publish with an empty payload says nothing of it.
  if (walk.passed() < end && (!walk.Byte(kPayloadTag) || !walk.Length(&payload_bytes))) {
    return false;
  }
  frame->head_bytes = walk.passed();
  frame->payload_bytes = payload_bytes;
  return walk.passed() + payload_bytes == end && payload_bytes <= limits_.payload_bytes_max;
}

void PublishRun::Take(const Frame& frame) {
  const size_t begin = ends_.empty() ? 0 : ends_.back();
  ends_.push_back(static_cast<uint32_t>(begin + frame.head_bytes + frame.payload_bytes));
  payload_bytes_ += frame.payload_bytes;
}

// Up to its payload, a frame to the same topic with a payload of the same size is the same.
void PublishRun::Extend(size_t frames_max) {
  Frame like{.head_bytes = bytes() - payload_bytes_, .payload_bytes = payload_bytes_, .topic = {}};
  std::string_view head = bytes_.substr(0, like.head_bytes);
  std::string_view rest = bytes_.substr(bytes());
  while (ends_.size() < frames_max) {
    const size_t like_bytes = head.size() + like.payload_bytes;
    if (rest.size() < like_bytes || rest.substr(0, head.size()) != head) {
      if (!Read(rest, &like) || like.topic != topic_) return;
      head = rest.substr(0, like.head_bytes);
    }
    Take(like);
    rest.remove_prefix(head.size() + like.payload_bytes);
  }
}

}  // namespace esockets::proto
