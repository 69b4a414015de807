// The messages of a stream in memory: chunks of messages back to back, with 20 bytes for each that
// say where it lies, when it came, and on which topic. Thread: the stream's loop.
#ifndef BROKER_MEMORY_STORE_H_
#define BROKER_MEMORY_STORE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/on_loop.h"
#include "broker/class_number.h"
#include "broker/class_shares.h"
#include "broker/message_store.h"
#include "broker/messages.h"
#include "broker/page_builder.h"
#include "broker/stored_chunk.h"
#include "broker/stream_topics.h"

namespace esockets::broker {

class MemoryStore final : public MessageStore {
 public:
  // `clock` outlives the store.
  MemoryStore(const StreamLimits& limits, Stamps stamps, const base::Clock* clock)
      : limits_(limits), stamps_(stamps), clock_(*clock) {}

  Messages Append(const Messages& messages) override ESOCKETS_ON_LOOP;
  // REQUIRES: messages_per_topic_max is not 0.
  void Remove(std::string_view topic) override ESOCKETS_ON_LOOP;
  void LimitShares(std::vector<ShareLimits> limits) override ESOCKETS_ON_LOOP;
  void Retain() override ESOCKETS_ON_LOOP;
  StoredPage Read(const StoreRead& read) override ESOCKETS_ON_LOOP;
  ReadPosition Begin(uint64_t after) const override ESOCKETS_ON_LOOP;
  bool HasAllBehind(uint64_t position, std::string_view filter) const override ESOCKETS_ON_LOOP;
  uint64_t BeforeTime(int64_t wall_us) const override ESOCKETS_ON_LOOP;
  uint64_t BeforeLast(uint64_t messages, std::string_view filter) const override ESOCKETS_ON_LOOP;
  uint64_t last() const override ESOCKETS_ON_LOOP { return last_; }
  uint64_t gone_to() const override ESOCKETS_ON_LOOP { return gone_to_; }
  uint64_t topics() const override ESOCKETS_ON_LOOP { return topics_.size(); }
  uint64_t bytes() const override ESOCKETS_ON_LOOP { return frame_bytes_; }
  std::optional<uint64_t> BytesOf(std::string_view topic) const override ESOCKETS_ON_LOOP;
  std::optional<ClassNumber> ClassOf(std::string_view topic) const override ESOCKETS_ON_LOOP;
  Share ShareOf(ClassNumber publisher_class) const override ESOCKETS_ON_LOOP {
    return shares_.of(publisher_class);
  }
  StoreFigures figures() const override ESOCKETS_ON_LOOP;

 private:
  using Chunks = std::deque<std::unique_ptr<StoredChunk>>;

  // Returns false when the open chunk is full and there are some in this turn already.
  bool AppendOne(std::string_view frame, const Messages& messages, uint32_t topic,
                 base::TimePoint now);
  void OpenChunk(size_t frame_bytes, base::TimePoint now);

  bool IsOver();
  void Thin(uint32_t topic, size_t keep);
  void RetainShare(ClassNumber number);
  void RemoveOldestOf(ClassNumber number);
  // Anywhere.
  void RemoveAt(size_t chunk, size_t index);
  void RemoveFirst();
  void SkipGone();
  void LetGo(StoredChunk* chunk, size_t index);

  // Index of the chunk that holds the position, or would.
  size_t ChunkOf(uint64_t position) const;
  bool ReadTopic(const StoreRead& read, TopicSelection* selection, uint64_t* next,
                 PageBuilder* builder) const;
  bool IsWanted(const StoredChunk& chunk, size_t index, const StoreRead& read,
                TopicSelection* selection) const;
  // `told`: from, and what is told with the hole. Null: nobody is told.
  StreamHole HoleFor(const ReadPosition& from, TopicSelection* selection,
                     ReadPosition* told = nullptr) const;
  // Messages that are there behind `after`, up to `to`.
  uint64_t CountBetween(uint64_t after, uint64_t to) const;

  const StreamLimits limits_;
  const Stamps stamps_;
  const base::Clock& clock_;
  Chunks chunks_;
  size_t first_index_ = 0;  // of the first chunk: all before are gone
  StreamTopics topics_;
  ClassShares shares_;
  uint64_t last_ = 0;     // position
  uint64_t gone_to_ = 0;  // nothing is there up to here
  uint64_t messages_ = 0;
  uint64_t frame_bytes_ = 0;
  std::vector<uint32_t> ends_;  // of what Append returns
  std::optional<uint32_t> appended_topic_;
  ClassNumber appended_class_ = 0;
};

}  // namespace esockets::broker

#endif  // BROKER_MEMORY_STORE_H_
