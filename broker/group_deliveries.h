// The members of groups that are sessions of this loop: brings them what their groups give them,
// and tells the groups how far their clients are. Thread: the loop.
#ifndef BROKER_GROUP_DELIVERIES_H_
#define BROKER_GROUP_DELIVERIES_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/executor.h"
#include "base/on_loop.h"
#include "broker/group_message.h"
#include "broker/group_options.h"
#include "broker/group_parcels.h"
#include "broker/outbox.h"
#include "broker/siblings.h"
#include "broker/subscription.h"
#include "broker/wire_form.h"

namespace esockets::broker {

class GroupDeliveries {
 public:
  // REQUIRES: all outlive this.
  GroupDeliveries(base::Executor* executor, Siblings* siblings, WireForm* wire_form,
                  const OutboxContext* context)
      : executor_(*executor), siblings_(*siblings), wire_form_(*wire_form), context_(*context) {}
  GroupDeliveries(const GroupDeliveries&) = delete;
  GroupDeliveries& operator=(const GroupDeliveries&) = delete;

  // What the session is a member of.
  size_t CountOf(uint64_t session) const;
  bool IsMember(uint64_t session, std::string_view filter, std::string_view group) const {
    return Find(session, filter, group) != nullptr;
  }
  // Has the home not answered its Join yet? REQUIRES: it is a member.
  bool IsAsking(uint64_t session, std::string_view filter, std::string_view group) const {
    return Find(session, filter, group)->asked != 0;
  }
  // Calls visit(const Subscription&, std::string_view group) for each.
  template <typename Visitor>
  void ForEachOf(uint64_t session, Visitor visit) const {
    const auto found = by_session_.find(session);
    if (found == by_session_.end()) return;
    for (const auto& member : found->second) {
      if (!member->leaving) visit(member->subscription, member->group);
    }
  }

  // Asks the home of the group; the answer is OnJoined. Who is a member stays one if it is refused.
  void Join(Outbox* outbox, uint64_t request_id, std::string_view filter, std::string_view group,
            const GroupOptions& options) ESOCKETS_ON_LOOP;
  struct Answer {
    uint64_t session = 0;  // 0: nobody waits for it any more
    uint64_t request_id = 0;
    bool is_member = false;
    std::optional<std::string> refusal{};  // GROUP_DIFFERS
  };
  Answer OnJoined(const GroupJoinedParcel& parcel) ESOCKETS_ON_LOOP;

  // False: it is no such member. What is in its send queue is still sent to it; the group hears
  // that it is gone when that is done.
  bool Leave(uint64_t session, std::string_view filter, std::string_view group) ESOCKETS_ON_LOOP;
  // The session goes. What is unsent comes to others, but for what its connection still sends.
  enum class Unsent : uint8_t {
    kLost,             // nothing of it
    kFrameIsFinished,  // the rest of a frame that the kernel has begun to take
    kIsSent,           // all
  };
  void Close(uint64_t session, Unsent unsent) ESOCKETS_ON_LOOP;

  void OnItems(const GroupItemsParcel& parcel) ESOCKETS_ON_LOOP;
  // The kernel took bytes of this session's; its client takes more.
  void OnFlushed(uint64_t session) ESOCKETS_ON_LOOP;
  void OnRoom(const Outbox& outbox) ESOCKETS_ON_LOOP;

 private:
  // A message in the send queue: where in the bytes of the connection.
  struct Queued {
    uint64_t end;
    uint32_t bytes;
  };
  struct Member {
    explicit Member(Outbox* outbox) : subscription(outbox) {}

    std::string filter;
    std::string group;
    uint32_t home = 0;
    uint64_t ticket = 0;
    uint64_t session = 0;
    Subscription subscription;  // in no index
    bool joined = false;
    bool leaving = false;  // it is only waited for the kernel to take what is queued
    uint64_t asked = 0;    // request that the home has not answered; 0: none
    // Of all that it was given, counted from 1: what is in the send queue, up to `taken`.
    std::deque<Queued> queued;
    uint64_t taken = 0;
    uint32_t round = 0;
    bool waits_for_room = false;
    bool reports = false;  // it is among those whose progress is told at the end of the turn
  };
  using Members = std::vector<std::unique_ptr<Member>>;

  Member* Find(uint64_t session, std::string_view filter, std::string_view group) const;
  Member* Make(Outbox* outbox, std::string_view filter, std::string_view group);
  void Erase(Member* member);
  void End(Member* member) ESOCKETS_ON_LOOP;
  void GiveBack(Member* member) ESOCKETS_ON_LOOP;
  void Report(const Member& member, GroupReportParcel::What what, uint64_t number) ESOCKETS_ON_LOOP;

  bool Deliver(Member* member, std::span<const GroupItem> items) ESOCKETS_ON_LOOP;
  bool DeliverFrames(Member* member, std::span<const GroupItem> items) ESOCKETS_ON_LOOP;
  static uint64_t EndOfQueue(const Member& member) ESOCKETS_ON_LOOP;
  static bool NoteQueued(Member* member, std::span<const GroupItem> items,
                         uint64_t end_before) ESOCKETS_ON_LOOP;
  void NoteSent(Member* member) ESOCKETS_ON_LOOP;
  void ReportSent() ESOCKETS_ON_LOOP;

  base::Executor& executor_;
  Siblings& siblings_;
  WireForm& wire_form_;
  const OutboxContext& context_;
  uint64_t last_ticket_ = 0;
  absl::flat_hash_map<uint64_t, Members> by_session_;
  absl::flat_hash_map<uint64_t, Member*> by_ticket_;
  std::vector<uint64_t> reporting_;  // tickets
  // Of frames that are being encoded.
  std::string bytes_;
  std::vector<uint32_t> ends_;
};

}  // namespace esockets::broker

#endif  // BROKER_GROUP_DELIVERIES_H_
