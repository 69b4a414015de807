#include "broker/group_deliveries.h"

#include <algorithm>
#include <utility>

#include "broker/groups.h"
#include "broker/server_frames.h"
#include "broker/session_sink.h"

namespace esockets::broker {

// --- members ------------------------------------------------------------------------------------

size_t GroupDeliveries::CountOf(uint64_t session) const {
  const auto found = by_session_.find(session);
  if (found == by_session_.end()) return 0;
  return static_cast<size_t>(
      std::ranges::count_if(found->second, [](const auto& one) { return !one->leaving; }));
}

GroupDeliveries::Member* GroupDeliveries::Find(uint64_t session, std::string_view filter,
                                               std::string_view group) const {
  const auto found = by_session_.find(session);
  if (found == by_session_.end()) return nullptr;
  for (const auto& member : found->second) {
    if (member->leaving) continue;
    if (member->filter == filter && member->group == group) return member.get();
  }
  return nullptr;
}

GroupDeliveries::Member* GroupDeliveries::Make(Outbox* outbox, std::string_view filter,
                                               std::string_view group) {
  auto member = std::make_unique<Member>(outbox);
  member->filter = filter;
  member->group = group;
  member->home = Groups::HomeOf(siblings_, filter, group);
  member->ticket = ++last_ticket_;
  member->session = outbox->sink().session_id();
  member->subscription.set_filter(member->filter);
  by_ticket_.emplace(member->ticket, member.get());
  Members& members = by_session_[member->session];
  members.push_back(std::move(member));
  return members.back().get();
}

void GroupDeliveries::Join(Outbox* outbox, uint64_t request_id, std::string_view filter,
                           std::string_view group, const GroupOptions& options) {
  Member* member = Find(outbox->sink().session_id(), filter, group);
  if (member == nullptr) member = Make(outbox, filter, group);
  member->asked = request_id;
  siblings_.Post(member->home, GroupJoinParcel{.ticket = member->ticket,
                                               .filter = member->filter,
                                               .group = member->group,
                                               .options = options});
}

GroupDeliveries::Answer GroupDeliveries::OnJoined(const GroupJoinedParcel& parcel) {
  const auto found = by_ticket_.find(parcel.ticket);
  if (found == by_ticket_.end()) return {};
  Member* const member = found->second;
  member->joined = member->joined || !parcel.refusal;
  Answer answer{member->session, std::exchange(member->asked, 0), member->joined, parcel.refusal};
  if (!member->joined) Erase(member);
  return answer;
}

bool GroupDeliveries::Leave(uint64_t session, std::string_view filter, std::string_view group) {
  Member* const member = Find(session, filter, group);
  if (member == nullptr) return false;
  if (member->queued.empty()) {
    End(member);
  } else {
    member->leaving = true;
    GiveBack(member);
  }
  return true;
}

// Nothing is queued.
void GroupDeliveries::End(Member* member) {
  Report(*member, GroupReportParcel::What::kLeft, member->taken);
  Erase(member);
}

// What it was given and did not take.
void GroupDeliveries::GiveBack(Member* member) {
  ++member->round;
  Report(*member, GroupReportParcel::What::kBehind, member->taken);
}

void GroupDeliveries::Close(uint64_t session, Unsent unsent) {
  const auto found = by_session_.find(session);
  if (found == by_session_.end()) return;
  while (!found->second.empty()) {
    Member* const member = found->second.back().get();
    const uint64_t sent_bytes = member->subscription.outbox->sink().send_state().sent_bytes_total;
    NoteSent(member);
    uint64_t sent = member->taken - member->queued.size();
    if (unsent == Unsent::kIsSent) {
      sent = member->taken;
    } else if (unsent == Unsent::kFrameIsFinished) {
      sent += static_cast<uint64_t>(std::ranges::count_if(
          member->queued, [&](const Queued& one) { return one.end - one.bytes < sent_bytes; }));
    }
    Report(*member, GroupReportParcel::What::kLeft, sent);
    if (found->second.size() == 1) return Erase(member);
    Erase(member);
  }
}

void GroupDeliveries::Erase(Member* member) {
  by_ticket_.erase(member->ticket);
  const auto found = by_session_.find(member->session);
  std::erase_if(found->second, [member](const auto& one) { return one.get() == member; });
  if (found->second.empty()) by_session_.erase(found);
}

void GroupDeliveries::Report(const Member& member, GroupReportParcel::What what, uint64_t number) {
  siblings_.Post(member.home, GroupReportParcel{what, member.ticket, number});
}

// --- what they are given ------------------------------------------------------------------------

void GroupDeliveries::OnItems(const GroupItemsParcel& parcel) {
  const auto found = by_ticket_.find(parcel.ticket);
  if (found == by_ticket_.end()) return;
  Member* const member = found->second;
  if (member->round != parcel.round) return;
  if (Deliver(member, parcel.items)) return;
  member->waits_for_room = true;
  GiveBack(member);
}

// False: the client is behind; it has taken some.
bool GroupDeliveries::Deliver(Member* member, std::span<const GroupItem> items) {
  const Subscription& subscription = member->subscription;
  while (!items.empty()) {
    if (const auto& gap = items.front().gap) {
      if (subscription.outbox->behind()) return false;
      const uint64_t end = EndOfQueue(*member);
      context_.metrics->gaps_total.Add();
      subscription.outbox->sink().SendFrame(
          GapFrame(member->filter, *gap, context_.executor->clock(), member->group));
      if (!NoteQueued(member, items.first(1), end)) return false;
      items = items.subspan(1);
      continue;
    }
    const auto next_gap = std::find_if(items.begin(), items.end(),
                                       [](const GroupItem& item) { return item.gap != nullptr; });
    const size_t allowed = subscription.outbox->MessagesNow(context_);
    if (allowed == 0) return false;
    const size_t frames = std::min(static_cast<size_t>(next_gap - items.begin()), allowed);
    if (!DeliverFrames(member, items.first(frames))) return false;
    items = items.subspan(frames);
  }
  NoteSent(member);
  return true;
}

bool GroupDeliveries::DeliverFrames(Member* member, std::span<const GroupItem> items) {
  if (member->subscription.outbox->behind()) return false;
  bytes_.clear();
  ends_.clear();
  for (const GroupItem& item : items) {
    bytes_ += item.frame.view();
    ends_.push_back(static_cast<uint32_t>(bytes_.size()));
  }
  const std::string_view all = bytes_;
  const GroupFrame& first = items.front().frame;
  Messages rest{.topic = all.substr(first.topic_at, first.topic_size),
                .frames = {.bytes = all, .begin = 0, .ends = ends_},
                .stamped = true};
  while (!rest.frames.empty()) {
    size_t encoded = 0;
    const base::BlockSpan span = wire_form_.Encode(rest, &encoded);
    const uint64_t end = EndOfQueue(*member);
    if (!member->subscription.outbox->DeliverRead(span, encoded, member->subscription, context_)) {
      return false;
    }
    if (!NoteQueued(member, items.first(encoded), end)) return false;
    items = items.subspan(encoded);
    rest.frames.RemoveFirst(encoded);
  }
  return true;
}

// Of all that was ever sent to the client, or waits in its send queue.
uint64_t GroupDeliveries::EndOfQueue(const Member& member) {
  const SendState state = member.subscription.outbox->sink().send_state();
  return state.sent_bytes_total + state.queue_bytes;
}

// They are the last in the client's send queue, which ended at `end_before`. False: nothing went
// there, its connection has broken.
bool GroupDeliveries::NoteQueued(Member* member, std::span<const GroupItem> items,
                                 uint64_t end_before) {
  const uint64_t end = EndOfQueue(*member);
  if (end <= end_before) return false;
  uint64_t bytes = 0;
  for (const GroupItem& item : items) bytes += item.frame.size;
  const bool as_they_are = bytes == end - end_before;
  uint64_t begin = end_before;
  for (const GroupItem& item : items) {
    // A transport that has made one of them, of another size, sends all or nothing.
    const uint64_t its_bytes = as_they_are ? item.frame.size : end - end_before;
    member->queued.push_back({.end = begin + its_bytes, .bytes = static_cast<uint32_t>(its_bytes)});
    if (as_they_are) begin += its_bytes;
  }
  member->taken += items.size();
  return true;
}

// --- how far their clients are ------------------------------------------------------------------

void GroupDeliveries::OnFlushed(uint64_t session) {
  const auto found = by_session_.find(session);
  if (found == by_session_.end()) return;
  for (const auto& member : found->second) NoteSent(member.get());
}

void GroupDeliveries::NoteSent(Member* member) {
  const uint64_t sent = member->subscription.outbox->sink().send_state().sent_bytes_total;
  const size_t before = member->queued.size();
  while (!member->queued.empty() && member->queued.front().end <= sent) member->queued.pop_front();
  if (member->queued.size() == before || std::exchange(member->reports, true)) return;
  reporting_.push_back(member->ticket);
  if (reporting_.size() > 1) return;
  executor_.AtTurnEnd([this] {
    executor_.AssertOnLoop();
    ReportSent();
  });
}

// A group on this loop may give more within the call.
void GroupDeliveries::ReportSent() {
  for (const uint64_t ticket : std::exchange(reporting_, {})) {
    const auto found = by_ticket_.find(ticket);
    if (found == by_ticket_.end()) continue;
    Member& member = *found->second;
    member.reports = false;
    if (member.leaving && member.queued.empty()) {
      End(&member);
    } else {
      Report(member, GroupReportParcel::What::kSent, member.taken - member.queued.size());
    }
  }
}

void GroupDeliveries::OnRoom(const Outbox& outbox) {
  if (outbox.behind()) return;
  const auto found = by_session_.find(outbox.sink().session_id());
  if (found == by_session_.end()) return;
  for (const auto& member : found->second) {
    if (std::exchange(member->waits_for_room, false) && !member->leaving) {
      Report(*member, GroupReportParcel::What::kReady, 0);
    }
  }
}

}  // namespace esockets::broker
