// A message that waits in a client's backlog, and what one subscription has there. Thread: the
// loop.
#ifndef BROKER_BACKLOG_ENTRY_H_
#define BROKER_BACKLOG_ENTRY_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>

#include "absl/container/flat_hash_set.h"
#include "absl/hash/hash.h"
#include "base/allocated_bytes.h"
#include "base/ref_counted.h"
#include "base/strings.h"
#include "broker/gap.h"
#include "broker/waiting_message.h"
#include "proto/message_frame.h"

namespace esockets::broker {

struct Subscription;

struct BacklogEntry {
  base::RefPtr<WaitingMessage> message;  // shared by all clients that wait for it
  Subscription* subscription = nullptr;
  BacklogEntry* previous = nullptr;  // in the client's order
  BacklogEntry* next = nullptr;
  BacklogEntry* previous_of_subscription = nullptr;
  BacklogEntry* next_of_subscription = nullptr;
  std::unique_ptr<Gap> gap;  // what the subscription has lost in front of it; null: nothing
};

// What an entry takes of the memory.
inline constexpr uint64_t kBacklogEntryMemoryBytes = base::AllocatedBytes(sizeof(BacklogEntry));

// The entries of a subscription by topic and key: what CONFLATE looks for.
class ConflationIndex {
 public:
  // Null: nothing of this topic and key waits.
  BacklogEntry* Find(const proto::MessageLabel& label) const {
    const auto found = entries_.find(label);
    return found == entries_.end() ? nullptr : *found;
  }
  // REQUIRES: there is none of its topic and key.
  void Add(BacklogEntry* entry) { entries_.insert(entry); }
  // No effect on one that is not here: it came under another contract.
  void Remove(const BacklogEntry* entry) {
    const auto found = entries_.find(entry->message->label());
    if (found != entries_.end() && *found == entry) entries_.erase(found);
  }

 private:
  static const proto::MessageLabel& Label(const proto::MessageLabel& label) { return label; }
  static const proto::MessageLabel& Label(const BacklogEntry* entry) {
    return entry->message->label();
  }
  struct Hash {
    using is_transparent = void;
    template <typename T>
    size_t operator()(const T& of) const {
      const proto::MessageLabel& label = Label(of);
      return absl::HashOf(base::ToAbsl(label.topic), base::ToAbsl(label.key));
    }
  };
  struct Equal {
    using is_transparent = void;
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const {
      return Label(a).topic == Label(b).topic && Label(a).key == Label(b).key;
    }
  };

  absl::flat_hash_set<BacklogEntry*, Hash, Equal> entries_;
};

// What waits for the client in a subscription's name, and what it has lost; exists while the client
// is behind, and from the first loss on.
struct SubscriptionBacklog {
  BacklogEntry* oldest = nullptr;
  BacklogEntry* newest = nullptr;
  uint32_t messages = 0;
  uint64_t bytes = 0;
  Gap gap;                 // what was lost behind the newest; under CONFLATE all that was lost
  size_t untold_slot = 0;  // of the backlog; meaningful while there is this gap
  std::unique_ptr<ConflationIndex> latest;               // null: not CONFLATE, or nothing waits
  std::array<uint64_t, kGapReasons> dropped_messages{};  // in all, by GapReason
  uint64_t dropped_bytes_total = 0;

  uint64_t dropped_messages_total() const {
    return std::accumulate(dropped_messages.begin(), dropped_messages.end(), uint64_t{0});
  }
};

}  // namespace esockets::broker

#endif  // BROKER_BACKLOG_ENTRY_H_
