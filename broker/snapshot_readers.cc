#include "broker/snapshot_readers.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "broker/server_frames.h"
#include "broker/visible_page.h"

namespace esockets::broker {

void SnapshotReaders::Begin(Subscription* subscription, uint64_t request_id, bool is_new) {
  const std::vector<uint32_t> streams = streams_.rules().LastValuesOf(subscription->filter());
  if (streams.empty()) return;
  std::vector<Part> parts;
  for (const uint32_t stream : streams) {
    const Part* const before = FindPart(*subscription, stream);
    const bool is_taken = before != nullptr && before->home != Home::kWithheld;
    parts.push_back({.stream = stream,
                     .ticket = ++last_ticket_,
                     .home = is_taken ? Home::kTaken : Home::kWithheld});
  }
  Close(subscription);
  if (is_new) subscription->feed = Feed::kAwaiting;
  Snapshot& snapshot = snapshots_[subscription];
  snapshot.request_id = request_id;
  unanswered_.emplace(std::pair(subscription->outbox, request_id), subscription);
  snapshot.parts = std::move(parts);
  for (const Part& part : snapshot.parts) {
    by_ticket_.emplace(part.ticket, subscription);
    context_.metrics->streams[part.stream].readers.Add(1);
    siblings_.Post(streams_.HomeOf(part.stream),
                   StreamOpenParcel{
                       .ticket = part.ticket,
                       .stream = part.stream,
                       .filter = streams_.rules().FilterWithin(part.stream, subscription->filter()),
                       .start = {.at = StreamStart::At::kLastOfEachTopic, .number = 1}});
  }
}

bool SnapshotReaders::OnSubscribed(const Outbox& outbox, uint64_t request_id) {
  const auto node = unanswered_.extract(std::pair(&outbox, request_id));
  if (node.empty()) return false;
  // Nothing of it goes before the answer.
  executor_.AtTurnEnd([this, ticket = snapshots_.find(node.mapped())->second.parts[0].ticket] {
    executor_.AssertOnLoop();
    const auto found = by_ticket_.find(ticket);
    if (found == by_ticket_.end()) return;
    snapshots_.find(found->second)->second.answered = true;
    ReadIfReady(found->second);
  });
  return true;
}

void SnapshotReaders::Close(Subscription* subscription) {
  const auto found = snapshots_.find(subscription);
  if (found == snapshots_.end()) return;
  const Snapshot& snapshot = found->second;
  for (const Part& part : snapshot.parts) {
    by_ticket_.erase(part.ticket);
    context_.metrics->streams[part.stream].readers.Subtract(1);
  }
  unanswered_.erase({subscription->outbox, snapshot.request_id});
  if (snapshot.waits_for_room) waiters_.Remove(subscription);
  snapshots_.erase(found);
}

const SnapshotReaders::Part* SnapshotReaders::FindPart(const Subscription& subscription,
                                                       uint32_t stream) const {
  const auto found = snapshots_.find(&subscription);
  if (found == snapshots_.end()) return nullptr;
  const auto part = std::ranges::find(found->second.parts, stream, &Part::stream);
  return part == found->second.parts.end() ? nullptr : &*part;
}

bool SnapshotReaders::Withholds(const Subscription& subscription,
                                const proto::MessageLabel& message) const {
  const auto stream = streams_.rules().OfTopic(message.topic);
  const Part* const part = stream ? FindPart(subscription, *stream) : nullptr;
  return part != nullptr && part->home == Home::kWithheld;
}

void SnapshotReaders::OnOpened(const StreamOpenedParcel& parcel) {
  // What was published before is offered while it is still withheld.
  router_.BeforeContractChange();
  const auto found = by_ticket_.find(parcel.ticket);
  if (found == by_ticket_.end()) return;
  Subscription* const subscription = found->second;
  std::vector<Part>& parts = snapshots_.find(subscription)->second.parts;
  Part& part = *std::ranges::find(parts, parcel.ticket, &Part::ticket);
  part.home = Home::kAnswered;
  part.after = parcel.opened.from.after;
  part.to = parcel.opened.last;
  const bool awaits = subscription->feed == Feed::kAwaiting;
  if (awaits && std::ranges::find(parts, Home::kWithheld, &Part::home) == parts.end()) {
    subscription->feed = Feed::kLive;
  }
  ReadIfReady(subscription);
}

void SnapshotReaders::ReadIfReady(Subscription* subscription) {
  Snapshot& snapshot = snapshots_.find(subscription)->second;
  const bool all_answered = std::ranges::all_of(
      snapshot.parts, [](const Part& part) { return part.home == Home::kAnswered; });
  if (!snapshot.answered || !all_answered) return;
  while (snapshot.at < snapshot.parts.size()) {
    const Part& part = snapshot.parts[snapshot.at];
    if (part.after < part.to) break;
    ++snapshot.at;
  }
  // The kernel takes no more: what is read now could only wait; and newer values that wait come
  // before the end.
  if (subscription->outbox->behind() || subscription->outbox->sink().send_state().refused) {
    return WaitForRoom(subscription, &snapshot);
  }
  snapshot.at == snapshot.parts.size() ? End(subscription) : Read(subscription, &snapshot);
}

void SnapshotReaders::Read(Subscription* subscription, Snapshot* snapshot) {
  const size_t messages = subscription->outbox->MessagesNow(context_);
  if (messages == 0) return WaitForRoom(subscription, snapshot);
  const Part& part = snapshot->parts[snapshot->at];
  constexpr uint64_t kAll = std::numeric_limits<uint64_t>::max();  // no hole is news
  siblings_.Post(
      streams_.HomeOf(part.stream),
      StreamReadParcel{.ticket = part.ticket,
                       .stream = part.stream,
                       .filter = streams_.rules().FilterWithin(part.stream, subscription->filter()),
                       .from = {.after = part.after,
                                .gone_told = kAll,
                                .thinned_told = kAll,
                                .shares_told = kAll},
                       .to = part.to,
                       .looks_max = LooksFor(messages)});
}

void SnapshotReaders::OnPage(const StreamPageParcel& parcel) {
  const auto found = by_ticket_.find(parcel.ticket);
  if (found == by_ticket_.end()) return;
  Subscription* const subscription = found->second;
  Snapshot& snapshot = snapshots_.find(subscription)->second;
  const VisiblePage visible(parcel.page, subscription->outbox->permissions(),
                            {.filter = subscription->filter(), .stored = false}, wire_form_);
  const base::FrameSequence frames = visible.frames();
  if (!frames.empty() &&
      !subscription->outbox->DeliverRead(wire_form_.Share(frames, visible.keeper()), frames.count(),
                                         *subscription, context_)) {
    return WaitForRoom(subscription, &snapshot);  // and read again, as it is then
  }
  Part& part = snapshot.parts[snapshot.at];
  part.after = parcel.page.at_head ? part.to : parcel.page.next;
  ReadIfReady(subscription);
}

void SnapshotReaders::WaitForRoom(Subscription* subscription, Snapshot* snapshot) {
  if (!std::exchange(snapshot->waits_for_room, true)) waiters_.Add(subscription);
}

// It may be called while a run is offered.
void SnapshotReaders::OnRoom(const Outbox& outbox) {
  for (Subscription* const subscription : waiters_.Take(outbox)) {
    Snapshot& snapshot = snapshots_.find(subscription)->second;
    snapshot.waits_for_room = false;
    executor_.RunAt(executor_.TurnTime(), [this, ticket = snapshot.parts[0].ticket] {
      executor_.AssertOnLoop();
      if (const auto found = by_ticket_.find(ticket); found != by_ticket_.end()) {
        ReadIfReady(found->second);
      }
    });
  }
}

void SnapshotReaders::End(Subscription* subscription) {
  router_.CloseRun();
  subscription->outbox->sink().SendFrame(SnapshotEndFrame(subscription->filter()));
  Close(subscription);
}

}  // namespace esockets::broker
