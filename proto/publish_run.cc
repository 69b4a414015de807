#include "proto/publish_run.h"

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
  explicit Walk(std::string_view bytes)
      : begin_(bytes.data()), at_(begin_), end_(begin_ + bytes.size()) {}

  size_t passed() const { return static_cast<size_t>(at_ - begin_); }
  size_t left() const { return static_cast<size_t>(end_ - at_); }

  bool Byte(uint32_t expected) {
    if (at_ == end_ || static_cast<uint8_t>(*at_) != expected) return false;
    ++at_;
    return true;
  }
  // A length in its shortest form, most often of one byte or two.
  bool Length(size_t* length) {
    if (at_ == end_) return false;
    const auto first = static_cast<uint8_t>(*at_);
    *length = first;
    if (first < 0x80) {
      ++at_;
      return true;
    }
    if (left() < 2) return false;
    const auto second = static_cast<uint8_t>(at_[1]);
    if (second >= 0x80) return LongLength(length);
    *length = (first & 0x7F) | size_t{second} << 7;
    at_ += 2;
    return second != 0;
  }
  bool Bytes(size_t size, std::string_view* bytes) {
    if (size > left()) return false;
    *bytes = {at_, size};
    at_ += size;
    return true;
  }

 private:
  bool LongLength(size_t* length) {
    uint64_t value = 0;
    const char* at = at_;
    if (ReadVarint(&at, end_, &value, kVarint32BytesMax) != VarintResult::kOk) return false;
    if (static_cast<size_t>(at - at_) != VarintSize(value)) return false;
    at_ = at;
    *length = value;
    return true;
  }

  const char* const begin_;
  const char* at_;
  const char* const end_;
};

}  // namespace

bool PublishRun::Frame::Read(std::string_view bytes, const Limits& limits) {
  Walk walk(bytes);
  size_t frame_bytes = 0, publish_bytes = 0, topic_bytes = 0;
  payload_bytes = 0;
  if (!walk.Length(&frame_bytes) || frame_bytes > limits.frame_bytes_max) return false;
  const size_t end = walk.passed() + frame_bytes;
  if (end > bytes.size()) return false;
  if (!walk.Byte(kPublishTag) || !walk.Length(&publish_bytes)) return false;
  if (walk.passed() + publish_bytes != end) return false;
  if (!walk.Byte(kTopicTag) || !walk.Length(&topic_bytes)) return false;
  if (!walk.Bytes(topic_bytes, &topic)) return false;
  // A Publish with an empty payload says nothing of it.
  if (walk.passed() < end && (!walk.Byte(kPayloadTag) || !walk.Length(&payload_bytes))) {
    return false;
  }
  head_bytes = walk.passed();
  return head_bytes + payload_bytes == end && payload_bytes <= limits.payload_bytes_max;
}

void PublishRun::Begin(std::string_view bytes, const Frame& first) {
  bytes_ = bytes;
  topic_ = first.topic;
  ends_.clear();
  payload_bytes_ = 0;
  Take(first);
}

void PublishRun::Take(const Frame& frame) {
  const size_t begin = ends_.empty() ? 0 : ends_.back();
  ends_.push_back(static_cast<uint32_t>(begin + frame.head_bytes + frame.payload_bytes));
  payload_bytes_ += frame.payload_bytes;
}

namespace {

// Topics that differ most often do so at the end.
bool Same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && (a.empty() || a.back() == b.back()) && a == b;
}

}  // namespace

// Up to its payload, a frame to the same topic with a payload of the same size is the same.
bool PublishRun::Extend(const Limits& limits, Frame* next) {
  Frame like{
      .head_bytes = bytes() - payload_bytes_, .payload_bytes = payload_bytes_, .topic = topic_};
  std::string_view head = bytes_.substr(0, like.head_bytes);
  std::string_view rest = bytes_.substr(bytes());
  while (ends_.size() < limits.frames_max) {
    // Topics that differ most often do so at the end.
    const size_t telling = static_cast<size_t>(like.topic.data() - head.data()) + topic_.size() - 1;
    const bool same = rest.size() >= head.size() + like.payload_bytes &&
                      rest[telling] == head[telling] && rest.starts_with(head);
    if (!same) {
      if (!like.Read(rest, limits)) return false;
      if (!Same(like.topic, topic_)) {
        *next = like;
        return true;
      }
      head = rest.substr(0, like.head_bytes);
    }
    Take(like);
    rest.remove_prefix(head.size() + like.payload_bytes);
  }
  return next->Read(rest, limits);
}

std::span<const PublishRun> PublishRuns::Cut(std::string_view bytes,
                                             const PublishRun::Limits& limits, Accept accept) {
  size_t count = 0;
  PublishRun::Frame next;
  bool more = next.Read(bytes, limits);
  while (more && count < kRunsMax && accept(next.topic)) {
    PublishRun& run = runs_[count++];
    run.Begin(bytes, next);
    more = run.Extend(limits, &next);
    bytes.remove_prefix(run.bytes());
  }
  return std::span(runs_).first(count);
}

}  // namespace esockets::proto
