// What waits for members of a group: messages that nobody takes at the moment, oldest first, and in
// front of each what the group has lost there. Thread: the group's loop.
#ifndef BROKER_GROUP_QUEUE_H_
#define BROKER_GROUP_QUEUE_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "broker/backlog.h"
#include "broker/gap.h"
#include "broker/group_message.h"

namespace esockets::broker {

// What waits in all queues of a group; and counts in what waits in the broker.
struct GroupWaiting {
  explicit GroupWaiting(BacklogPool* of_loop) : pool(*of_loop) {}

  void CountIn(const GroupMessage& message) {
    ++messages;
    frame_bytes += message.frame.size;
    pool.CountIn(message.frame.size, message.memory_bytes());
  }
  void CountOut(const GroupMessage& message) {
    --messages;
    frame_bytes -= message.frame.size;
    pool.CountOut(message.frame.size, message.memory_bytes());
  }

  BacklogPool& pool;
  uint64_t messages = 0;
  uint64_t frame_bytes = 0;
};

class GroupQueue {
 public:
  // REQUIRES: `waiting` outlives the queue.
  explicit GroupQueue(GroupWaiting* waiting) : waiting_(*waiting) {}
  GroupQueue(const GroupQueue&) = delete;
  GroupQueue& operator=(const GroupQueue&) = delete;
  ~GroupQueue() { TakeAll(); }

  bool empty() const { return messages_.empty(); }
  // REQUIRES: !empty()
  const GroupMessage& front() const { return messages_.front(); }

  // Behind all others.
  void Append(GroupMessage message);
  // Messages that were taken before, by their numbers: each stands where it stood.
  void PutBack(std::vector<GroupMessage> messages);
  // The oldest. REQUIRES: !empty()
  GroupMessage Take();
  // All of them; a hole stays.
  std::vector<GroupMessage> TakeAll();

  // Loses the oldest: the hole is where it stood. REQUIRES: !empty()
  void Drop(GapReason reason);
  // A hole behind all that waits. It stands in front of what is appended next.
  void AddHole(const Gap& gap);
  // There is one, and nothing in front of it.
  bool HasHoleAlone() const { return messages_.empty() && hole_ != nullptr; }
  std::unique_ptr<Gap> TakeHole() { return std::move(hole_); }

 private:
  GroupWaiting& waiting_;
  std::deque<GroupMessage> messages_;
  std::unique_ptr<Gap> hole_;  // behind them; null: none
};

}  // namespace esockets::broker

#endif  // BROKER_GROUP_QUEUE_H_
