// Where a stream keeps its messages, in order, each under its position: 1, 2, 3 and so on. In
// memory (broker/memory_store); an engine may keep them elsewhere. Thread: the stream's
// loop.
#ifndef BROKER_MESSAGE_STORE_H_
#define BROKER_MESSAGE_STORE_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/counted_block.h"
#include "base/frame_sequence.h"
#include "base/on_loop.h"
#include "broker/class_number.h"
#include "broker/messages.h"

namespace esockets::broker {

// What a stream keeps at most. Whatever is above one of these goes, the oldest first.
struct StreamLimits {
  uint64_t messages_max = 100'000;
  // Of frames, with what the store keeps for each.
  uint64_t bytes_max = 64 << 20;
  base::Duration age_max{};             // zero: none
  uint32_t messages_per_topic_max = 0;  // 0: none
};

// What a store keeps for each message beside its frame, as the limits count it.
inline constexpr uint64_t kKeptEntryBytes = 28;

// What it keeps at most of the messages of one class of clients; 0: as much as of all. Whatever is
// above goes, the oldest of that class first.
struct ShareLimits {
  uint64_t messages_max = 0;
  uint64_t bytes_max = 0;  // of frames, with kKeptEntryBytes for each
};

struct Share {
  uint64_t messages = 0;
  uint64_t bytes = 0;
  uint64_t retired_total = 0;  // messages that were above the limits of the class
};

// How far a reader is.
struct ReadPosition {
  uint64_t after = 0;  // the next message is behind this one
  // What is known to be missing up to here is no news: what the retention has let go of, what was
  // let go because its topic had enough, or the class of its publisher.
  uint64_t gone_told = 0;
  uint64_t thinned_told = 0;
  uint64_t shares_told = 0;
  // Times that a class lost something in front of what another one had lost before: those too.
  uint64_t late_losses_told = 0;
};

struct StoreRead {
  ReadPosition from;
  std::string_view filter;
  uint32_t last_of_each_topic = 0;  // 0: all
  uint64_t last_of_each_until = 0;  // position: all that is behind it
  uint64_t to = ~uint64_t{0};       // position: nothing behind it
  uint32_t bytes_max = 0;           // of frames; one message may be longer
  uint32_t looks_max = 0;           // at messages, whether they match or not
  base::TimePoint now{};
};

// Positions of which messages are missing: those that a reader must be told of.
struct StreamHole {
  uint64_t from = 0;
  uint64_t to = 0;
  uint64_t messages = 0;  // that are missing in between; 0: there is no hole

  bool empty() const { return messages == 0; }
};

// Stored messages that match, as they go to everybody, back to back.
struct StoredPage {
  base::FrameSequence frames() const { return {.bytes = bytes, .begin = begin, .ends = ends}; }

  StreamHole hole;    // in front of them
  ReadPosition told;  // where it was asked for, and what is told with the hole
  base::BytesKeeper keeper;
  std::string_view bytes;
  uint32_t begin = 0;
  std::vector<uint32_t> ends;
  uint64_t next = 0;     // what matches up to here is in the page, or was before
  bool at_head = false;  // there is nothing behind `next`, or nothing that was asked for
};

struct StoreFigures {
  uint64_t first = 0;  // position of the oldest message; of none: last + 1
  uint64_t last = 0;   // that was ever given
  uint64_t messages = 0;
  uint64_t bytes = 0;         // of frames
  uint64_t memory_bytes = 0;  // with all that is kept for them
  uint64_t topics = 0;
  std::optional<base::TimePoint> oldest{};  // when that message came
};

class MessageStore {
 public:
  virtual ~MessageStore() = default;

  // Keeps the first of these messages, at least one, under the positions that follow. Returns them
  // as they are stored: stamped, and valid until Retain. REQUIRES: there are some.
  virtual Messages Append(const Messages& messages) ESOCKETS_ON_LOOP = 0;

  // Lets go of all messages of this topic: nobody is told of a hole.
  virtual void Remove(std::string_view topic) ESOCKETS_ON_LOOP = 0;

  // From now on, by ClassNumber; the others have none.
  virtual void LimitShares(std::vector<ShareLimits> limits) ESOCKETS_ON_LOOP = 0;

  // Lets go of what is above the limits.
  virtual void Retain() ESOCKETS_ON_LOOP = 0;

  virtual StoredPage Read(const StoreRead& read) ESOCKETS_ON_LOOP = 0;

  // For one who begins here: what is missing now is no news.
  virtual ReadPosition Begin(uint64_t after) const ESOCKETS_ON_LOOP = 0;

  // Is there nothing that matches among what was let go of behind this position?
  virtual bool HasAllBehind(uint64_t position, std::string_view filter) const ESOCKETS_ON_LOOP = 0;

  // Position in front of the first message since then, by the clock on the wall.
  virtual uint64_t BeforeTime(int64_t wall_us) const ESOCKETS_ON_LOOP = 0;
  // Position in front of the last `messages` that match.
  virtual uint64_t BeforeLast(uint64_t messages,
                              std::string_view filter) const ESOCKETS_ON_LOOP = 0;

  // Position that was given last; and up to which nothing is there any more.
  virtual uint64_t last() const ESOCKETS_ON_LOOP = 0;
  virtual uint64_t gone_to() const ESOCKETS_ON_LOOP = 0;
  virtual uint64_t topics() const ESOCKETS_ON_LOOP = 0;
  virtual uint64_t bytes() const ESOCKETS_ON_LOOP = 0;  // of frames
  // Of the frames of one topic; nothing: it has none.
  virtual std::optional<uint64_t> BytesOf(std::string_view topic) const ESOCKETS_ON_LOOP = 0;
  // Of its last message; nothing: it has none. REQUIRES: messages_per_topic_max is not 0.
  virtual std::optional<ClassNumber> ClassOf(std::string_view topic) const ESOCKETS_ON_LOOP = 0;
  virtual Share ShareOf(ClassNumber publisher_class) const ESOCKETS_ON_LOOP = 0;
  // With what has to be counted.
  virtual StoreFigures figures() const ESOCKETS_ON_LOOP = 0;
};

}  // namespace esockets::broker

#endif  // BROKER_MESSAGE_STORE_H_
