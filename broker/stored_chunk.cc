#include "broker/stored_chunk.h"

#include <algorithm>
#include <cstring>

#include "base/allocated_bytes.h"

namespace esockets::broker {

StoredChunk::StoredChunk(uint64_t first_position, uint32_t capacity_bytes, Opened opened)
    : first_position_(first_position),
      capacity_bytes_(capacity_bytes),
      opened_(opened),
      memory_(std::make_shared<Memory>(capacity_bytes)) {}

void StoredChunk::Add(const Added& added, base::TimePoint now) {
  used_bytes_ += added.frame_bytes;
  entries_.push_back(
      {.offset = static_cast<uint32_t>(added.position - first_position_) & kOffsetMax,
       .publisher_class = added.publisher_class,
       .end = used_bytes_,
       .topic = added.topic,
       .ordinal = added.ordinal,
       .age_ms = static_cast<uint32_t>(base::Millis(now - opened_.time))});
  ++live_;
  live_bytes_ += added.frame_bytes;
  any_expires_ |= added.expires;
  classes_.set(added.publisher_class);
}

base::TimePoint StoredChunk::time(size_t index) const {
  return opened_.time + std::chrono::milliseconds(entries_[index].age_ms);
}

int64_t StoredChunk::wall_us(size_t index) const {
  return opened_.wall_us + int64_t{1000} * entries_[index].age_ms;
}

size_t StoredChunk::IndexOf(uint64_t position) const {
  const auto found = std::ranges::lower_bound(entries_, position, {}, [this](const Entry& entry) {
    return first_position_ + entry.offset;
  });
  return static_cast<size_t>(found - entries_.begin());
}

size_t StoredChunk::IndexSince(int64_t wall_us) const {
  const auto found = std::ranges::lower_bound(entries_, wall_us, {}, [this](const Entry& entry) {
    return opened_.wall_us + int64_t{1000} * entry.age_ms;
  });
  return static_cast<size_t>(found - entries_.begin());
}

void StoredChunk::LetGo(size_t index) {
  live_bytes_ -= frame_bytes(index);
  --live_;
  entries_[index].topic = kGone;
}

std::unique_ptr<StoredChunk> StoredChunk::Compacted() const {
  if (live_bytes_ > used_bytes_ / 2) return nullptr;
  auto compacted = std::make_unique<StoredChunk>(first_position_, live_bytes_, opened_);
  compacted->entries_.reserve(live_);
  for (size_t i = 0; i < size(); ++i) {
    if (is_gone(i)) continue;
    const uint32_t bytes = frame_bytes(i);
    std::memcpy(compacted->room(), memory_->bytes.get() + begin(i), bytes);
    compacted->used_bytes_ += bytes;
    compacted->entries_.push_back(entries_[i]);
    compacted->entries_.back().end = compacted->used_bytes_;
    compacted->classes_.set(entries_[i].publisher_class);
  }
  compacted->live_ = live_;
  compacted->live_bytes_ = live_bytes_;
  compacted->any_expires_ = any_expires_;
  return compacted;
}

uint64_t StoredChunk::memory_bytes() const {
  return base::AllocatedBytes(sizeof(StoredChunk)) + base::AllocatedBytes(sizeof(Memory)) +
         base::AllocatedBytes(capacity_bytes_) +
         base::AllocatedBytes(entries_.capacity() * sizeof(Entry));
}

}  // namespace esockets::broker
