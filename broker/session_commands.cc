#include <algorithm>
#include <array>
#include <bit>
#include <chrono>

#include "base/topic.h"
#include "broker/command_checks.h"
#include "broker/inbox_names.h"
#include "broker/presence_rules.h"
#include "broker/present_client.h"
#include "broker/revocation.h"
#include "broker/server_frames.h"
#include "broker/session.h"
#include "broker/session_limits.h"
#include "broker/session_tickets.h"
#include "proto/esockets.pb.h"

// What a connected client asks for: the part of Session that session.cc leaves out.
namespace esockets::broker {

// Ids rise, so that an answer always names one request.
bool Session::TakeRequestId(uint64_t id) {
  if (id == 0) {
    Refuse(id, ErrorCode::kBadRequestId);
    return false;
  }
  if (id <= last_request_id_) {
    Refuse(id, ErrorCode::kDuplicateRequestId, base::StrCat("the last one was ", last_request_id_));
    return false;
  }
  last_request_id_ = id;
  return true;
}

void Session::OnSubscribe(const proto::SubscribeView& subscribe) {
  if (!TakeRequestId(subscribe.id)) return;
  if (const auto refusal = CheckSubscribe(subscribe, limits())) {
    return Refuse(subscribe.id, refusal->code, refusal->detail);
  }
  const std::optional<uint32_t> stream = shard_.streams.rules().Around(subscribe.filter);
  const SessionTickets::Access access = SessionTickets(this).AccessOf(subscribe, stream);
  if (access.grant == Grant::kNothing) {
    return Refuse(subscribe.id, ErrorCode::kNotPermitted, subscribe.filter);
  }
  if (!subscribe.group.empty()) return JoinGroup(subscribe);
  if (!MaySubscribe(subscribe)) return;
  const bool starts = subscribe.start != START_NOW;
  if (starts && !stream) return Refuse(subscribe.id, ErrorCode::kNotInStream, subscribe.filter);
  Contract contract{};
  if (const auto refusal = MakeContract(subscribe, limits(), shard_.settings().delivery,
                                        stream.has_value(), &contract)) {
    return Refuse(subscribe.id, refusal->code, refusal->detail);
  }
  if (starts && !SessionLimits(this).HasRoomForReading(subscribe)) return;
  const bool is_new = subscriptions_.Find(subscribe.filter) == nullptr;
  if (is_new && !SessionLimits(this).HasRoomForSubscription(subscribe.id)) return;
  Subscription* const subscription = FindOrAddSubscription(subscribe.filter);
  // Those of STREAM alone are none of what is published.
  shard_.router.SetHoles(subscription,
                         access.grant == Grant::kWithHoles &&
                             permissions().HidesSome(subscribe.filter, /*stored=*/false));
  if (stream && (is_new || starts)) {
    OpenReading(subscription, subscribe,
                {.request_id = subscribe.id,
                 .stream = *stream,
                 .start = {.at = access.from_now ? StreamStart::At::kNow
                                                 : static_cast<StreamStart::At>(subscribe.start),
                           .number = subscribe.start_at,
                           .epoch = subscribe.start_epoch},
                 .contract = contract,
                 .is_new = is_new,
                 .as_live = access.as_live,
                 .from_now = access.from_now,
                 .done = {}});
  } else {
    subscription->SetContract(contract.overflow, contract.max);
    if (!subscribe.skip_last_values) shard_.snapshots.Begin(subscription, subscribe.id, is_new);
    if (shard_.router.interest().WaitUntilConfirmed(subscribe.filter, {id(), subscribe.id})) {
      ++unconfirmed_subscribes_;
    } else {
      AnswerSubscribed(subscribe.id);
    }
  }
  WaitForInterestRoom();
}

// Answered by the home of the group. What the client sends behind it waits.
void Session::JoinGroup(const proto::SubscribeView& subscribe) {
  GroupOptions options;
  if (const auto refusal = MakeGroupOptions(subscribe, &options)) {
    return Refuse(subscribe.id, refusal->code, refusal->detail);
  }
  GroupDeliveries& groups = shard_.group_deliveries;
  if (!groups.IsMember(id(), subscribe.filter, subscribe.group)) {
    if (!SessionLimits(this).HasRoomForSubscription(subscribe.id)) return;
    shard_.metrics.subscriptions.Add();
    in_groups_ = true;
  }
  ++unconfirmed_subscribes_;
  sink().PauseReading();
  groups.Join(&outbox_, subscribe.id, subscribe.filter, subscribe.group, options);
}

void Session::OnGroupJoined(const GroupDeliveries::Answer& answer) {
  if (!answer.is_member) shard_.metrics.subscriptions.Subtract(1);
  if (answer.refusal) {
    Refuse(answer.request_id, ErrorCode::kGroupDiffers, *answer.refusal);
  } else {
    SendAnswer(Answer::kSubscribed, answer.request_id);
  }
  sink().ResumeReading();
  if (answer.is_member) Revocation(this).Run();
  EndIfAnswered();
}

size_t Session::subscription_count() const {
  return subscriptions_.size() + (in_groups_ ? shard_.group_deliveries.CountOf(id()) : 0);
}

// Answered by the home of the stream: it sends all messages of the stream, and knows of the
// interest when it hears of the reader.
void Session::OpenReading(Subscription* subscription, const proto::SubscribeView& subscribe,
                          StreamReaders::Opening opening) {
  if (shard_.stream_readers.IsOpening(subscription)) {
    return Refuse(subscribe.id, ErrorCode::kStartInvalid,
                  "the Subscribe before it is not answered yet");
  }
  if (opening.is_new) subscription->SetContract(opening.contract.overflow, opening.contract.max);
  ++unconfirmed_subscribes_;
  opening.done = [this, subscription, request_id = subscribe.id, is_new = opening.is_new](
                     const StreamBegin* begin, std::string_view refusal) {
    shard_.executor.AssertOnLoop();
    if (begin != nullptr) {
      sink().SendFrame(SubscribedFrame(request_id, *begin));
    } else {
      Refuse(request_id, ErrorCode::kStartInvalid, refusal);
      if (is_new) Drop(subscription);
    }
    EndIfAnswered();
  };
  shard_.stream_readers.Open(subscription, std::move(opening));
}

void Session::AnswerSubscribed(uint64_t request_id) {
  if (!shard_.snapshots.OnSubscribed(outbox_, request_id)) {
    return SendAnswer(Answer::kSubscribed, request_id);
  }
  shard_.router.CloseRun();
  sink().SendFrame(SubscribedWithLastValuesFrame(request_id));
}

void Session::OnInterestConfirmed(uint64_t request_id) {
  AnswerSubscribed(request_id);
  EndIfAnswered();
}

void Session::EndIfAnswered() {
  if (--unconfirmed_subscribes_ > 0 || state_ != State::kDisconnecting) return;
  EndAfterFlush(CloseCode::kGoodbye, rare_->disconnect_reason);
}

Subscription* Session::FindOrAddSubscription(std::string_view filter) {
  if (Subscription* found = subscriptions_.Find(filter)) {
    shard_.router.BeforeContractChange();
    return found;
  }
  shard_.metrics.subscriptions.Add();
  Subscription* const added = subscriptions_.Add(&outbox_, [&](Subscription* entering) {
    shard_.executor.AssertOnLoop();
    shard_.router.Add(filter, entering);
  });
  if (shard_.presence.configured()) {
    shard_.presence.OnSubscribed(filter, id(), [this] {
      return PresentClient{id(), std::string(client_id()), about().name, about().metadata};
    });
  }
  return added;
}

void Session::OnUnsubscribe(const proto::UnsubscribeView& unsubscribe) {
  if (!TakeRequestId(unsubscribe.id)) return;
  if (!unsubscribe.group.empty()) return LeaveGroup(unsubscribe);
  Subscription* subscription = subscriptions_.Find(unsubscribe.filter);
  if (subscription == nullptr) return Refuse(unsubscribe.id, ErrorCode::kNotSubscribed);
  CloseSubscription(subscription);
  SendAnswer(Answer::kUnsubscribed, unsubscribe.id);
  WaitForInterestRoom();
}

// A Subscribe that other loops have not confirmed is answered before its end. Who has said
// Disconnect may have waited for nothing else: then it is the session's end, and all are gone.
void Session::CloseSubscription(Subscription* subscription) {
  for (const auto& pending : shard_.router.interest().TakePending(subscription->filter(), id())) {
    OnInterestConfirmed(pending.request_id);
    if (ended()) return;
  }
  if (const uint64_t pending = shard_.stream_readers.Close(subscription)) {
    OnInterestConfirmed(pending);
  }
  if (!ended()) Drop(subscription);
}

void Session::LeaveGroup(const proto::UnsubscribeView& unsubscribe) {
  if (!shard_.group_deliveries.Leave(id(), unsubscribe.filter, unsubscribe.group)) {
    return Refuse(unsubscribe.id, ErrorCode::kNotSubscribed);
  }
  shard_.metrics.subscriptions.Subtract(1);
  SendAnswer(Answer::kUnsubscribed, unsubscribe.id);
}

// The other loops hear of filters more slowly than they change: whoever changes them waits.
void Session::WaitForInterestRoom() {
  if (waits_for_credit_ || !shard_.router.interest().WaitForRoom(id())) return;
  shard_.metrics.interest_pauses_total.Add();
  waits_for_credit_ = true;
  sink().PauseReading();
}

void Session::Drop(Subscription* subscription) {
  const std::string topic(shard_.presence.configured() ? subscription->filter() : "");
  Remove(subscription);
  shard_.metrics.subscriptions.Subtract(1);
  if (!topic.empty()) EndWatch(topic);
}

void Session::Remove(Subscription* subscription) {
  if (shard_.presence.configured()) {
    shard_.presence.OnUnsubscribed(subscription->filter(), id());
  }
  subscriptions_.Remove(subscription, [this](Subscription* leaving) {
    shard_.executor.AssertOnLoop();
    shard_.router.Remove(leaving);
    shard_.stream_readers.Close(leaving);
    shard_.snapshots.Close(leaving);
    outbox_.Forget(leaving);
  });
}

namespace {

// Of a request, for which there is an answer to wait for.
bool HasResponders(const Router::Routed& routed, const proto::PublishView& publish) {
  return routed.receivers > 0 || routed.loops != 0 || !IsInInbox(publish.reply_to);
}

}  // namespace

void Session::OnPublish(const proto::PublishView& publish) {
  if (publish.id != 0 && !TakeRequestId(publish.id)) return;
  if (const auto refusal = CheckPublish(publish, limits())) {
    return Refuse(publish.id, refusal->code, refusal->detail);
  }
  const bool to_inbox = IsInInbox(publish.topic);
  if (base::IsReserved(publish.topic) && !to_inbox) return OnRequest(publish);
  if (IsInInbox(publish.reply_to) && !shard_.client_inboxes.IsOf(id(), publish.reply_to)) {
    return Refuse(publish.id, ErrorCode::kInboxNotAllowed, "reply_to is not in its own inbox");
  }
  if (!permissions().Permits(publish))
    return Refuse(publish.id, ErrorCode::kNotPermitted, publish.topic);
  if (publish.confirm_ms != 0 && publish.id == 0) return Refuse(0, ErrorCode::kBadRequestId);
  if (publish.confirm_ms != 0 && !shard_.confirmations.HasRoom(id())) {
    return Refuse(publish.id, ErrorCode::kBrokerBusy,
                  base::StrCat(kConfirmationsMax, " confirmations are being waited for"));
  }
  proto::MessageFrame& frame = shard_.publish_frame;
  frame.Assign(publish.topic, publish.forwarded());
  const Messages message{.topic = frame.topic(), .frames = frame.frames(), .publisher = id()};
  const StreamRule* const kept = to_inbox ? nullptr : shard_.streams.RuleOf(message.topic);
  if (!publish.message_id.empty() && (kept == nullptr || kept->last_values)) {
    return Refuse(publish.id, ErrorCode::kNotInStream, "message_id");
  }
  if (kept != nullptr || to_inbox) return RouteStored(message, publish);
  if (publish.confirm_ms != 0) return RouteConfirmed(message, publish);
  const Router::Routed routed = Route(message, publish.payload.size());
  if (publish.id == 0) return;
  if (!HasResponders(routed, publish)) {
    return Refuse(publish.id, ErrorCode::kNoResponders, publish.topic);
  }
  shard_.router.NotifyAfterRun(this, publish.id);
}

// The home of the stream, or of the inbox, answers.
void Session::RouteStored(Messages message, const proto::PublishView& publish) {
  ConfirmAsk confirm;
  if (publish.confirm_ms != 0) {
    confirm =
        shard_.confirmations.Ask(id(), publish.id, std::chrono::milliseconds(publish.confirm_ms));
    message.confirm = &confirm;
  }
  const StoreAsk store{.session = id(),
                       .request_id = publish.id,
                       .loop = shard_.siblings.self(),
                       .message_id = publish.message_id};
  if (publish.id != 0) message.store = &store;
  Route(message, publish.payload.size());
}

void Session::OnStored(uint64_t request_id, const Stored& stored) {
  shard_.router.CloseRun();
  sink().SendFrame(PublishedFrame(request_id, nullptr, stored));
}

// Published waits for what becomes of the message.
void Session::RouteConfirmed(Messages message, const proto::PublishView& publish) {
  const ConfirmAsk ask =
      shard_.confirmations.Ask(id(), publish.id, std::chrono::milliseconds(publish.confirm_ms));
  message.confirm = &ask;
  const Router::Routed routed = Route(message, publish.payload.size());
  if (!HasResponders(routed, publish)) {
    shard_.confirmations.Forget(ask.number);
    return Refuse(publish.id, ErrorCode::kNoResponders, publish.topic);
  }
  // No loop can have answered: their looks come in later turns.
  shard_.confirmations.Expect(ask.number, 1 + static_cast<uint32_t>(std::popcount(routed.loops)));
}

void Session::OnDelivery(uint64_t request_id, const Delivery& delivery, const Stored& stored) {
  shard_.router.CloseRun();
  sink().SendFrame(PublishedFrame(request_id, &delivery, stored));
}

bool Session::TakesPublishesTo(std::string_view topic) const {
  return connected() && !base::IsReserved(topic) &&
         base::CheckTopic(topic, limits().topic) == base::TopicError::kOk &&
         (rare_ == nullptr || rare_->permissions == nullptr ||  // the short way of most
          permissions().PermitsPublishTo(topic));
}

proto::PublishRun::Limits Session::publish_limits() const {
  return {.frame_bytes_max = shard_.limits().frame_bytes_max,
          .payload_bytes_max = limits().payload_bytes_max,
          // Each that is saved may be the one that pauses reading.
          .frames_max = shard_.settings().recv_queue ? 1 : kPublishesMax};
}

size_t Session::OnPublishes(std::span<const proto::PublishRun> runs) {
  NoteInput();
  std::array<std::string_view, proto::PublishRuns::kRunsMax> topics;
  std::transform(runs.begin(), runs.end(), topics.begin(),
                 [](const auto& run) { return run.topic(); });
  if (runs.size() > 1) shard_.router.MatchAhead(std::span(topics).first(runs.size()));
  size_t taken = 0;
  uint64_t messages = 0, payload_bytes = 0;
  while (taken < runs.size() && !sink().reading_paused() && !ended()) {
    const proto::PublishRun& run = runs[taken++];
    messages += run.frames().count();
    payload_bytes += run.payload_bytes();
    Route({.topic = run.topic(), .frames = run.frames(), .publisher = id()}, run.payload_bytes());
  }
  shard_.router.EndAhead();
  // All as one step, of the last topic: there may be thousands in what one recv brought.
  if (taken > 0) Note(FlightKind::kPublish, runs[taken - 1].topic(), messages, payload_bytes);
  SessionLimits(this).PaceInput(messages);
  return taken;
}

Router::Routed Session::Route(Messages messages, uint64_t payload_bytes) {
  messages.publisher_class = class_;
  messages_in_total_ += messages.count();
  shard_.metrics.published_messages_total.Add(messages.count());
  shard_.metrics.published_bytes_total.Add(payload_bytes);
  if (shard_.settings().recv_queue) sink().SaveReceived(messages);
  const Router::Routed routed = base::IsReserved(messages.topic)
                                    ? shard_.client_inboxes.Publish(messages)
                                    : shard_.streams.Publish(messages);
  if (routed.receivers == 0 && routed.loops == 0) {
    shard_.metrics.unmatched_messages_total.Add(messages.count());
  }
  if (routed.loops != 0 && !waits_for_credit_) WaitForCredit(routed.loops);
  return routed;
}

// A loop that does not keep up: whoever publishes to it waits, nobody else does.
void Session::WaitForCredit(uint64_t loops) {
  if (!shard_.router.exchange().WaitForCredit(loops, id())) return;
  waits_for_credit_ = true;
  sink().PauseReading();
}

void Session::OnCredit() {
  if (std::exchange(waits_for_credit_, false)) sink().ResumeReading();
}

void Session::OnRequest(const proto::PublishView& publish) {
  if (publish.topic.starts_with(kPresencePrefix)) return AskRoster(publish);
  if (!publish.topic.starts_with("$SYS/")) {
    return Refuse(publish.id, ErrorCode::kReservedTopic, publish.topic);
  }
  if (publish.reply_to.empty()) {
    return Refuse(publish.id, ErrorCode::kAdminBadRequest, "reply_to is missing");
  }
  if (!permissions().PermitsAdministration(publish.topic)) {
    return Refuse(publish.id, ErrorCode::kNotPermitted, "administration");
  }
  shard_.system_requests->Handle(publish, this);
}

}  // namespace esockets::broker
