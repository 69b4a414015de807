#include "broker/group.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <utility>

#include "base/strings.h"
#include "proto/message_frame.h"
#include "proto/server_frame_encoder.h"

namespace esockets::broker {
namespace {

BacklogLimits LimitsOf(const BacklogLimits& asked, const Limits& limits) {
  BacklogLimits max = BacklogLimits::Of(limits.backlog_messages_max, limits.backlog_bytes_max,
                                        limits.backlog_age_max_ms);
  const auto lower = [](uint32_t* limit, uint32_t to) {
    if (to != 0 && (*limit == 0 || to < *limit)) *limit = to;
  };
  lower(&max.messages, asked.messages);
  lower(&max.bytes, asked.bytes);
  lower(&max.age_ms, asked.age_ms);
  return max;
}

uint64_t HashOf(std::string_view key, uint64_t publisher) {
  return key.empty() ? std::hash<uint64_t>{}(publisher) : std::hash<std::string_view>{}(key);
}

}  // namespace

Group::Group(std::string_view name, const GroupOptions& options, const GroupContext* context)
    : Subscriber(Subscriber::kGroup),
      context_(*context),
      name_(name),
      piece_(proto::GroupPiece(name)),
      overflow_(options.overflow.value_or(Overflow::kDropOldest)),
      max_(LimitsOf(options.max, *context->limits)),
      choice_(options.strategy.value_or(Strategy::kRoundRobin)),
      waiting_(context->pool),
      queue_(&waiting_) {}

// --- messages -----------------------------------------------------------------------------------

void Group::Take(const Messages& messages, const base::RefPtr<DeliveryReceipt>& receipt) {
  for (base::FrameSequence rest = messages.frames; !rest.empty(); rest.RemoveFirst(1)) {
    GroupMessage message = Make(rest.front(), messages);
    message.receipt = receipt;
    TakeOne(std::move(message));
  }
}

GroupMessage Group::Make(std::string_view frame, const Messages& messages) {
  const Stamps stamps = messages.stamped ? Stamps() : context_.stamps;
  const std::string_view pieces[] = {proto::FieldsOfFrame(frame), piece_};
  const proto::MessageParts parts{
      .pieces = pieces,
      .stamp_time = stamps.time,
      .time_us = stamps.time ? static_cast<uint64_t>(context_.executor->clock().WallMicros()) : 0,
      .stamp_publisher = stamps.publisher,
      .publisher = messages.publisher};
  const size_t size = proto::MessageFrameSize(parts);
  auto bytes = std::make_shared_for_overwrite<char[]>(size);
  proto::EncodeMessageFrame(parts, bytes.get());
  const proto::MessageLabel label = proto::LabelOfFrame({bytes.get(), size});
  GroupMessage message;
  message.number = ++last_number_;
  message.frame = {.bytes = bytes,
                   .size = static_cast<uint32_t>(size),
                   .topic_at = static_cast<uint32_t>(label.topic.data() - bytes.get()),
                   .topic_size = static_cast<uint32_t>(label.topic.size())};
  message.time = context_.executor->TurnTime();
  message.ttl_ms = label.ttl_ms;
  message.key = HashOf(label.key, messages.publisher);
  return message;
}

void Group::TakeOne(GroupMessage message) {
  if (waiting_.messages > 0 && overflow_ == Overflow::kDropNewest) {
    if (const auto reason = Shortage(1, message.frame.size)) {
      CountDrop(message.frame.size, *reason);
      if (message.receipt != nullptr) message.receipt->OnLost(*reason);
      Gap gap;
      gap.Add(message.frame.size, message.time, *reason);
      return queue_.AddHole(gap);
    }
  }
  if (!GiveAtOnce(&message)) {
    queue_.Append(std::move(message));
    Dispatch();
  }
  while (const auto reason = waiting_.messages > 0 ? Shortage(0, 0) : std::nullopt) {
    DropOldest(*reason);
  }
}

// Most messages never wait. False: it is to, behind what waits.
bool Group::GiveAtOnce(GroupMessage* message) {
  if (blocked_ || !queue_.empty() || queue_.HasHoleAlone()) return false;
  GroupMember* const member = choice_.Choose(members_, *message);
  blocked_ = member == nullptr;
  if (member == nullptr) return false;
  Give(member, std::move(*message));
  return true;
}

void Group::Dispatch() {
  while (!blocked_ && !queue_.empty()) {
    if (const auto reason = Worthless(queue_.front())) {
      Drop(&queue_, *reason);
      continue;
    }
    GroupMember* const member = choice_.Choose(members_, queue_.front());
    blocked_ = member == nullptr;
    if (member != nullptr) Give(member, queue_.Take());
  }
  if (!blocked_ && queue_.HasHoleAlone()) TellHole();
}

// Nothing comes behind it that could tell of it.
void Group::TellHole() {
  GroupMessage message;
  message.number = ++last_number_;
  message.time = context_.executor->TurnTime();
  GroupMember* const member = choice_.Choose(members_, message);
  blocked_ = member == nullptr;
  if (member == nullptr) return;
  message.gap = queue_.TakeHole();
  Give(member, std::move(message));
}

// Under HASH it may have to wait for room there.
void Group::Give(GroupMember* member, GroupMessage message) {
  choice_.OnHeld(member, message);
  if (member->HasRoom()) return Hand(member, std::move(message));  // nothing waits there then
  member->waiting_here.Append(std::move(message));
}

// A hole in front of it is a thing of its own: it can be told although the message is not taken.
void Group::Hand(GroupMember* member, GroupMessage message) {
  if (message.gap != nullptr && !message.is_gap()) {
    GroupMessage hole;
    hole.number = message.number;
    hole.time = message.time;
    hole.key = message.key;
    hole.gap = std::move(message.gap);
    message.gap = nullptr;
    choice_.OnHeld(member, hole);
    if (member->Give(std::move(hole))) context_.outlet->OnGiven(member->key);
  }
  if (member->Give(std::move(message))) context_.outlet->OnGiven(member->key);
}

// --- members ------------------------------------------------------------------------------------

std::optional<std::string> Group::WhyNot(const GroupOptions& options) const {
  if (options.strategy && *options.strategy != choice_.strategy()) {
    return base::StrCat("strategy: it has ", StrategyText(choice_.strategy()));
  }
  if (options.overflow && *options.overflow != overflow_) {
    return base::StrCat("overflow: it has ", OverflowText(overflow_));
  }
  return std::nullopt;
}

GroupMember* Group::Join(const GroupMemberKey& key) {
  members_.push_back(std::make_unique<GroupMember>(key, &waiting_));
  GroupMember* const member = members_.back().get();
  OnReady(member);
  return member;
}

void Group::Leave(GroupMember* member, uint64_t sent) {
  member->behind = true;  // nobody gives it anything any more
  NoteSent(member, sent);
  Recall(member, sent);
  std::erase_if(members_, [member](const auto& one) { return one.get() == member; });
  blocked_ = members_.empty();
  if (!members_.empty()) return Dispatch();
  for (GroupMessage& message : queue_.TakeAll()) {
    if (message.receipt != nullptr) message.receipt->OnGone();
  }
}

void Group::OnSent(GroupMember* member, uint64_t sent) {
  NoteSent(member, sent);
  if (!member->behind) OnReady(member);
}

void Group::NoteSent(GroupMember* member, uint64_t sent) {
  member->OnSent(sent, [this](const GroupMessage& message) {
    choice_.OnLetGo(message);
    if (message.receipt != nullptr) message.receipt->OnWritten();
  });
}

void Group::OnBehind(GroupMember* member, uint64_t taken) {
  member->behind = true;
  ++member->round;
  Recall(member, taken);
  blocked_ = false;
  Dispatch();
}

void Group::Recall(GroupMember* member, uint64_t behind_number) {
  std::vector<GroupMessage> recalled = member->Recall(behind_number);
  for (const GroupMessage& message : recalled) choice_.OnLetGo(message);
  context_.metrics->group_recalled_messages_total.Add(recalled.size());
  queue_.PutBack(std::move(recalled));
}

void Group::OnReady(GroupMember* member) {
  member->behind = false;
  GroupQueue& its = member->waiting_here;
  while (member->HasRoom() && !its.empty()) {
    if (const auto reason = Worthless(its.front())) {
      choice_.OnLetGo(its.front());
      Drop(&its, *reason);
    } else {
      Hand(member, its.Take());
    }
  }
  blocked_ = false;
  Dispatch();
}

// --- what is lost -------------------------------------------------------------------------------

std::optional<GapReason> Group::Worthless(const GroupMessage& message) const {
  const base::TimePoint now = context_.executor->TurnTime();
  if (message.ExpiredAt(now)) return GapReason::kExpired;
  if (max_.age_ms != 0 && now - message.time > std::chrono::milliseconds(max_.age_ms)) {
    return GapReason::kTooOld;
  }
  return std::nullopt;
}

// With so much more that waits.
std::optional<GapReason> Group::Shortage(uint64_t more_messages, uint64_t more_bytes) const {
  if (waiting_.messages + more_messages > max_.messages ||
      waiting_.frame_bytes + more_bytes > max_.bytes) {
    return GapReason::kBacklogFull;
  }
  // Before clients are cut for it.
  if (context_.pool->IsShort(context_.limits->backlogs_bytes_max)) return GapReason::kBrokerMemory;
  return std::nullopt;
}

void Group::DropOldest(GapReason reason) {
  GroupQueue* oldest = queue_.empty() ? nullptr : &queue_;
  for (const auto& member : members_) {
    GroupQueue& its = member->waiting_here;
    if (its.empty()) continue;
    if (oldest == nullptr || its.front().number < oldest->front().number) oldest = &its;
  }
  if (oldest != &queue_) choice_.OnLetGo(oldest->front());
  Drop(oldest, reason);
}

void Group::Drop(GroupQueue* queue, GapReason reason) {
  if (!queue->front().is_gap()) CountDrop(queue->front().frame.size, reason);
  queue->Drop(reason);
  if (queue != &queue_ && queue->HasHoleAlone()) queue_.AddHole(*queue->TakeHole());
}

void Group::CountDrop(uint64_t frame_bytes, GapReason reason) {
  context_.metrics->dropped_messages_total.Add();
  context_.metrics->of(reason).Add();
  context_.metrics->dropped_bytes_total.Add(frame_bytes);
}

}  // namespace esockets::broker
