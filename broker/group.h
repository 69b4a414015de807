// A group: each message that matches its filter goes to one of its members. It lives on the loop
// that is its home, and is a subscriber of the index there. Members that are behind are passed
// over; what a member was not sent when it fell behind, or went, goes to the others in the order in
// which it came. Thread: the loop.
#ifndef BROKER_GROUP_H_
#define BROKER_GROUP_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/executor.h"
#include "base/on_loop.h"
#include "base/ref_counted.h"
#include "broker/backlog.h"
#include "broker/delivery_receipt.h"
#include "broker/gap.h"
#include "broker/group_choice.h"
#include "broker/group_member.h"
#include "broker/group_message.h"
#include "broker/group_options.h"
#include "broker/group_queue.h"
#include "broker/limits.h"
#include "broker/messages.h"
#include "broker/metrics.h"
#include "broker/subscriber.h"
#include "broker/subscription.h"

namespace esockets::broker {

// Hears that a member has something to be sent to its loop.
class GroupOutlet {
 public:
  virtual void OnGiven(const GroupMemberKey& member) ESOCKETS_ON_LOOP = 0;

 protected:
  ~GroupOutlet() = default;
};

// The same for all groups of a loop.
struct GroupContext {
  const base::Executor* executor;
  Metrics* metrics;
  BacklogPool* pool;
  const Limits* limits;  // which may change
  Stamps stamps;
  GroupOutlet* outlet;
};

class Group final : public Subscriber {
 public:
  // REQUIRES: the context outlives the group.
  Group(std::string_view name, const GroupOptions& options, const GroupContext* context);

  // Takes messages that match: they are a member's, or wait. `receipt`: of the one message; may be
  // null.
  void Take(const Messages& messages,
            const base::RefPtr<DeliveryReceipt>& receipt) ESOCKETS_ON_LOOP;

  // Nothing: somebody who asks for this may be a member. Else why not.
  std::optional<std::string> WhyNot(const GroupOptions& options) const;
  GroupMember* Join(const GroupMemberKey& key) ESOCKETS_ON_LOOP;
  // It is gone; the kernel had taken what it was given up to `sent`.
  void Leave(GroupMember* member, uint64_t sent) ESOCKETS_ON_LOOP;
  // The kernel has taken so much.
  void OnSent(GroupMember* member, uint64_t sent) ESOCKETS_ON_LOOP;
  // Its client takes no more than what it was given up to `taken`; takes more.
  void OnBehind(GroupMember* member, uint64_t taken) ESOCKETS_ON_LOOP;
  void OnReady(GroupMember* member) ESOCKETS_ON_LOOP;

  const std::string& name() const { return name_; }
  bool empty() const { return members_.empty(); }
  size_t members() const { return members_.size(); }
  Strategy strategy() const { return choice_.strategy(); }
  uint64_t waiting_messages() const { return waiting_.messages; }

 private:
  GroupMessage Make(std::string_view frame, const Messages& messages) ESOCKETS_ON_LOOP;
  void TakeOne(GroupMessage message) ESOCKETS_ON_LOOP;
  bool GiveAtOnce(GroupMessage* message) ESOCKETS_ON_LOOP;
  void Give(GroupMember* member, GroupMessage message) ESOCKETS_ON_LOOP;
  void Hand(GroupMember* member, GroupMessage message) ESOCKETS_ON_LOOP;
  void Dispatch() ESOCKETS_ON_LOOP;
  void TellHole() ESOCKETS_ON_LOOP;
  void Recall(GroupMember* member, uint64_t behind_number) ESOCKETS_ON_LOOP;
  void NoteSent(GroupMember* member, uint64_t sent) ESOCKETS_ON_LOOP;

  std::optional<GapReason> Worthless(const GroupMessage& message) const ESOCKETS_ON_LOOP;
  std::optional<GapReason> Shortage(uint64_t more_messages,
                                    uint64_t more_bytes) const ESOCKETS_ON_LOOP;
  void DropOldest(GapReason reason) ESOCKETS_ON_LOOP;
  void Drop(GroupQueue* queue, GapReason reason) ESOCKETS_ON_LOOP;
  void CountDrop(uint64_t frame_bytes, GapReason reason) ESOCKETS_ON_LOOP;

  const GroupContext& context_;
  const std::string name_;
  const std::string piece_;  // of each delivery
  const Overflow overflow_;
  const BacklogLimits max_;
  GroupChoice choice_;
  GroupWaiting waiting_;
  GroupQueue queue_;  // what is nobody's
  GroupMemberList members_;
  uint64_t last_number_ = 0;
  bool blocked_ = true;  // nobody takes the oldest that waits
};

}  // namespace esockets::broker

#endif  // BROKER_GROUP_H_
