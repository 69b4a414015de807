#include "bench/load/publisher.h"

#include <algorithm>
#include <string_view>

#include "bench/load/payload.h"

namespace esockets::load {
namespace {

// What one send hands to the kernel.
constexpr size_t kSendBytes = 64 << 10;

}  // namespace

Publisher::Publisher(Fleet* fleet, Link* link, Window* window, std::span<const std::string> topics,
                     size_t payload_bytes, size_t number)
    : fleet_(*fleet),
      link_(*link),
      window_(*window),
      sequence_(uint64_t{number} << kPublisherShift) {
  const std::string payload(std::max(payload_bytes, kPayloadBytesMin), 'x');
  const Protocol& protocol = fleet->protocol();
  payload_at_ = protocol.append_publish(topics[0], payload, &frames_);
  frame_bytes_ = frames_.size();
  // Whole rounds of the topics, and at least two sends.
  const size_t rounds = 1 + 2 * kSendBytes / (frame_bytes_ * topics.size());
  frames_.reserve(frame_bytes_ * topics.size() * rounds);
  for (frame_count_ = 1; frame_count_ < topics.size() * rounds; ++frame_count_) {
    protocol.append_publish(topics[frame_count_ % topics.size()], payload, &frames_);
  }
}

bool Publisher::Pump() {
  if (unsent_begin_ == unsent_end_) {
    if (stopped_) return false;
    const auto open = static_cast<size_t>(std::min<uint64_t>({window_.open(), share_, kSendBytes}));
    const size_t frames = std::min(
        {open, std::max<size_t>(1, kSendBytes / frame_bytes_), frame_count_ - next_frame_});
    if (frames == 0) return false;
    Prepare(frames, 0);
  }
  return SendPrepared();
}

void Publisher::PublishOne(uint64_t due_ns) {
  while (unsent_begin_ < unsent_end_ && !SendPrepared()) fleet_.Turn(1'000'000);
  Prepare(1, due_ns);
  SendPrepared();
}

void Publisher::Prepare(size_t frames, uint64_t due_ns) {
  unsent_begin_ = next_frame_ * frame_bytes_;
  unsent_end_ = unsent_begin_ + frames * frame_bytes_;
  for (size_t at = unsent_begin_; at < unsent_end_; at += frame_bytes_) {
    PutSequence(frames_.data() + at + payload_at_, sequence_++);
    if (due_ns > 0) PutDueTime(frames_.data() + at + payload_at_, due_ns);
  }
  window_.Sent(frames);
  next_frame_ = (next_frame_ + frames) % frame_count_;
}

bool Publisher::SendPrepared() {
  const std::string_view frames = frames_;
  unsent_begin_ += link_.SendSome(frames.substr(unsent_begin_, unsent_end_ - unsent_begin_));
  if (unsent_begin_ == unsent_end_) return true;
  fleet_.WaitForRoom(&link_);
  return false;
}

}  // namespace esockets::load
