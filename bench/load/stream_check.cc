#include "bench/load/stream_check.h"

#include <algorithm>

#include "bench/load/payload.h"

namespace esockets::load {
namespace {

// The last position that is not longer, as a varint, than this one.
uint64_t LastAsLongAs(uint64_t position) {
  uint64_t end = 1 << 7;
  while (position >= end) end <<= 7;
  return end - 1;
}

}  // namespace

void Faults::Add(const Faults& other) {
  lost += other.lost;
  reordered += other.reordered;
  broken += other.broken;
  dropped += other.dropped;
}

void StreamCheck::OnMessage(uint64_t sequence) {
  ++messages_;
  if (expect_ == Expect::kRising) return OnRising(sequence);
  if (sequence != next_) return Unexpected(sequence, next_);
  next_ = sequence + 1;
}

void StreamCheck::OnRising(uint64_t sequence) {
  const auto publisher = static_cast<size_t>(sequence >> kPublisherShift);
  if (publisher >= next_of_.size()) next_of_.resize(publisher + 1);
  if (sequence < next_of_[publisher]) {
    ++faults_.reordered;
  } else {
    next_of_[publisher] = sequence + 1;
  }
}

// A late one was counted as lost when the one after it came.
void StreamCheck::Unexpected(uint64_t found, uint64_t expected) {
  if (found > expected) {
    faults_.lost += found - expected;
    next_ = found + 1;
    return;
  }
  ++faults_.reordered;
  if (faults_.lost > 0) --faults_.lost;
}

void StreamCheck::OnGap(uint64_t messages) {
  faults_.dropped += messages;
  next_ += messages;
}

void StreamCheck::StartSampling(size_t frame_bytes, size_t payload_at, uint64_t position) {
  frame_bytes_ = frame_bytes;
  payload_at_ = payload_at;
  messages_before_ = messages_;
  sequence_before_ = next_;
  offset_ = 0;
  if (position == 0) {
    part_frames_ = UINT64_MAX / frame_bytes;
    return;
  }
  position_before_ = position + 1;
  part_frames_ = LastAsLongAs(position) - position;
}

size_t StreamCheck::EquallyLong(size_t bytes) {
  if (offset_ == part_frames_ * frame_bytes_) {
    messages_before_ += part_frames_;
    sequence_before_ += part_frames_;
    position_before_ += part_frames_;
    part_frames_ = LastAsLongAs(position_before_) - position_before_ + 1;
    ++frame_bytes_;
    offset_ = 0;
  }
  return static_cast<size_t>(std::min<uint64_t>(bytes, part_frames_ * frame_bytes_ - offset_));
}

void StreamCheck::Skip(size_t bytes) {
  while (bytes > 0) {
    const size_t part_bytes = EquallyLong(bytes);
    Advance(part_bytes);
    bytes -= part_bytes;
  }
}

void StreamCheck::Inspect(std::string_view bytes) {
  while (!bytes.empty()) {
    const size_t part_bytes = EquallyLong(bytes.size());
    InspectPart(bytes.substr(0, part_bytes));
    bytes.remove_prefix(part_bytes);
  }
}

void StreamCheck::InspectPart(std::string_view bytes) {
  // The first frame whose sequence number begins at or after `offset_`.
  uint64_t frame = 0;
  if (offset_ > payload_at_) frame = (offset_ - payload_at_ + frame_bytes_ - 1) / frame_bytes_;
  size_t at = static_cast<size_t>(frame * frame_bytes_ + payload_at_ - offset_);
  uint64_t expected = sequence_before_ + frame;
  for (; at + kSequenceBytes <= bytes.size(); at += frame_bytes_, ++expected) {
    const uint64_t found = GetNumber(bytes.data() + at);
    if (found == expected) continue;
    // From here on offsets say nothing any more: one fault, the run is void.
    const uint64_t nearby = 1 << 24;
    if (found > expected && found - expected < nearby) {
      faults_.lost += found - expected;
    } else if (found < expected && expected - found < nearby) {
      ++faults_.reordered;
    } else {
      ++faults_.broken;
    }
    break;
  }
  Advance(bytes.size());
}

}  // namespace esockets::load
