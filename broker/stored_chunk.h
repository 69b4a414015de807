// Consecutive messages of a stream, back to back as they go to everybody. The bytes may be read on
// other loops while more are added behind them. Thread: the stream's loop.
#ifndef BROKER_STORED_CHUNK_H_
#define BROKER_STORED_CHUNK_H_

#include <atomic>
#include <bitset>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/counted_block.h"
#include "broker/class_number.h"

namespace esockets::broker {

class StoredChunk {
 public:
  static constexpr uint32_t kGone = ~uint32_t{0};
  static constexpr uint32_t kOffsetMax = (1 << 24) - 1;
  // Of the time between the first and the last message; 32 bits of milliseconds are 49 days.
  static constexpr base::Duration kAgeMax = std::chrono::hours(24);

  struct Entry {
    // Of its position, from that of the chunk: there are no more of them than bytes.
    uint32_t offset : 24;
    uint32_t publisher_class : 8;
    uint32_t end;      // of its frame; it begins where the one before ends
    uint32_t topic;    // kGone: let go of
    uint32_t ordinal;  // within its topic
    uint32_t age_ms;   // since the chunk was opened
  };

  struct Added {
    uint64_t position;
    uint32_t frame_bytes;
    uint32_t topic;
    uint32_t ordinal;
    ClassNumber publisher_class = 0;
    bool expires = false;  // it has a ttl
  };

  // When the chunk was opened.
  struct Opened {
    base::TimePoint time;
    int64_t wall_us;
  };

  StoredChunk(uint64_t first_position, uint32_t capacity_bytes, Opened opened);
  StoredChunk(const StoredChunk&) = delete;
  StoredChunk& operator=(const StoredChunk&) = delete;
  ~StoredChunk() { memory_->is_stored.store(false, std::memory_order_relaxed); }

  // --- at the end

  // Is there room for so many bytes, and are its ages still small enough?
  bool Takes(size_t frame_bytes, base::TimePoint now) const {
    return frame_bytes <= capacity_bytes_ - used_bytes_ && now - opened_.time < kAgeMax;
  }
  // Where the next frame goes.
  char* room() { return memory_->bytes.get() + used_bytes_; }
  // It is there. REQUIRES: positions rise.
  void Add(const Added& added, base::TimePoint now);
  // Nothing is added any more.
  void Close() { entries_.shrink_to_fit(); }

  // --- those that are there

  size_t size() const { return entries_.size(); }
  const Entry& entry(size_t index) const { return entries_[index]; }
  bool is_gone(size_t index) const { return entries_[index].topic == kGone; }
  uint64_t position(size_t index) const { return first_position_ + entries_[index].offset; }
  uint32_t begin(size_t index) const { return index == 0 ? 0 : entries_[index - 1].end; }
  uint32_t frame_bytes(size_t index) const { return entries_[index].end - begin(index); }
  base::TimePoint time(size_t index) const;
  int64_t wall_us(size_t index) const;
  // Of the first entry with at least this position, or written since then; size(): there is none.
  size_t IndexOf(uint64_t position) const;
  size_t IndexSince(int64_t wall_us) const;

  // All frames, those that are gone included; `keeper` keeps them.
  std::string_view bytes() const { return {memory_->bytes.get(), used_bytes_}; }
  base::BytesKeeper keeper() const { return {memory_, &memory_->is_stored}; }

  // May there be any of this class?
  bool MayHave(ClassNumber publisher_class) const { return classes_[publisher_class]; }
  // Is there any with a ttl?
  bool any_expires() const { return any_expires_; }

  // --- those that are gone

  // REQUIRES: it is not gone yet.
  void LetGo(size_t index);
  size_t live() const { return live_; }
  uint32_t live_bytes() const { return live_bytes_; }

  // A chunk of nothing but those that are there, if that saves half of this one. Null: it does not.
  std::unique_ptr<StoredChunk> Compacted() const;

  uint64_t first_position() const { return first_position_; }
  uint64_t memory_bytes() const;

 private:
  // Readers keep it, too.
  struct Memory {
    explicit Memory(uint32_t capacity_bytes)
        : bytes(std::make_unique_for_overwrite<char[]>(capacity_bytes)) {}
    const std::unique_ptr<char[]> bytes;
    std::atomic<bool> is_stored = true;
  };

  const uint64_t first_position_;
  const uint32_t capacity_bytes_;
  const Opened opened_;
  const std::shared_ptr<Memory> memory_;
  uint32_t used_bytes_ = 0;
  size_t live_ = 0;
  uint32_t live_bytes_ = 0;
  bool any_expires_ = false;
  std::bitset<kClassNumbers> classes_;
  std::vector<Entry> entries_;
};

}  // namespace esockets::broker

#endif  // BROKER_STORED_CHUNK_H_
