#include "broker/trace_view.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/check.h"
#include "base/strings.h"
#include "base/topic.h"
#include "broker/admin_page.h"
#include "broker/group.h"
#include "broker/trace_why.h"
#include "proto/esockets.pb.h"
#include "proto/varint.h"

namespace esockets::broker {
namespace {

// Why nobody may publish it. Empty: it may be published.
std::string WhyRefused(const admin::TraceRequest& request, const Limits& limits) {
  auto refusal =
      CheckContent(request.topic(), request.payload_bytes(), request.key().size(), limits);
  if (!refusal && base::IsReserved(request.topic())) refusal = {ErrorCode::kReservedTopic, ""};
  if (!refusal) return "";
  const std::string_view text = Info(refusal->code).text;
  return refusal->detail.empty() ? std::string(text) : base::StrCat(text, ": ", refusal->detail);
}

// Of the native wire form, without stamps.
uint64_t FrameBytes(const admin::TraceRequest& request) {
  esockets::ServerFrame frame;
  frame.mutable_message()->set_topic(request.topic());
  frame.mutable_message()->set_payload(std::string(request.payload_bytes(), '\0'));
  frame.mutable_message()->set_key(request.key());
  const size_t bytes = frame.ByteSizeLong();
  return proto::VarintSize(bytes) + bytes;
}

// One question on one loop.
class Trace {
 public:
  // REQUIRES: all outlive this; the request may be published.
  Trace(const Shard* shard, const admin::TraceRequest* request, const Session* only)
      : shard_(*shard),
        request_(*request),
        only_(only),
        label_{.topic = request->topic(), .key = request->key()},
        frame_bytes_(FrameBytes(*request)) {}

  admin::Trace Answer() ESOCKETS_ON_LOOP;

 private:
  struct Found {
    bool operator<(const Found& other) const {
      if (session_id != other.session_id) return session_id < other.session_id;
      return subscription->filter() < other.subscription->filter();
    }

    uint64_t session_id;
    const Subscription* subscription;
  };

  std::vector<Subscription*> Match(admin::Trace* reply) const ESOCKETS_ON_LOOP;
  static void AddGroup(const Group& group, admin::Trace* reply) ESOCKETS_ON_LOOP;
  void Collect(const std::vector<Subscription*>& matched) ESOCKETS_ON_LOOP;
  void Collect(const Subscription& subscription) ESOCKETS_ON_LOOP;
  void FillPage(admin::Trace* reply) ESOCKETS_ON_LOOP;
  admin::TraceEntry Entry(const Found& found) const ESOCKETS_ON_LOOP;
  void FillOutcome(const Subscription& subscription,
                   admin::TraceEntry* entry) const ESOCKETS_ON_LOOP;
  Fate FateOf(const Subscription& subscription) const ESOCKETS_ON_LOOP {
    return subscription.outbox->WouldBecome(label_, frame_bytes_, subscription,
                                            shard_.outbox_context);
  }

  const Shard& shard_;
  const admin::TraceRequest& request_;
  const Session* const only_;
  const proto::MessageLabel label_;
  const uint64_t frame_bytes_;
  absl::flat_hash_map<const Outbox*, const Subscription*> governing_;
  std::vector<Found> found_;  // behind the page before
};

admin::Trace Trace::Answer() {
  admin::Trace reply;
  std::vector<Subscription*> matched = Match(&reply);
  Collect(matched);
  Router::RemoveHidden(request_.topic(), &matched);
  if (matched.size() > 1) Router::KeepStrictestOfEachSession(&matched);
  for (const Subscription* subscription : matched) {
    governing_.emplace(subscription->outbox, subscription);
    if (FateOf(*subscription).receives()) reply.set_receivers(reply.receivers() + 1);
  }
  FillPage(&reply);
  if (request_.after_session_id() != 0) reply.clear_groups();  // the first page had them
  return reply;
}

// In the index's order, on which it depends who governs among equals.
std::vector<Subscription*> Trace::Match(admin::Trace* reply) const {
  std::vector<Subscriber*> found;
  shard_.router.index().Match(request_.topic(), &found);
  std::vector<Subscription*> matched;
  for (Subscriber* subscriber : found) {
    if (subscriber->is_group() && only_ == nullptr) {
      AddGroup(*static_cast<const Group*>(subscriber), reply);
    }
    if (!subscriber->is_session()) continue;
    auto* subscription = static_cast<Subscription*>(subscriber);
    if (only_ != nullptr && subscription->outbox != &only_->outbox()) continue;
    matched.push_back(subscription);
  }
  return matched;
}

void Trace::AddGroup(const Group& group, admin::Trace* reply) {
  reply->set_receivers(reply->receivers() + 1);
  admin::TraceGroup& entry = *reply->add_groups();
  entry.set_filter(std::string(group.filter()));
  entry.set_group(group.name());
  entry.set_strategy(std::string(StrategyText(group.strategy())));
  entry.set_members(group.members());
  entry.set_waiting_messages(group.waiting_messages());
}

void Trace::Collect(const std::vector<Subscription*>& matched) {
  if (only_ == nullptr) {
    for (const Subscription* subscription : matched) Collect(*subscription);
    return;
  }
  only_->subscriptions().ForEach([this](const Subscription& subscription) {
    shard_.executor.AssertOnLoop();
    Collect(subscription);
  });
}

void Trace::Collect(const Subscription& subscription) {
  const uint64_t session_id = subscription.outbox->sink().session_id();
  if (session_id < request_.after_session_id()) return;
  if (session_id == request_.after_session_id() &&
      subscription.filter() <= request_.after_filter()) {
    return;
  }
  found_.push_back({session_id, &subscription});
}

void Trace::FillPage(admin::Trace* reply) {
  AdminPage page(shard_.limits(), request_.limit());
  const size_t sorted = std::min<size_t>(page.entries_max(), found_.size());
  std::partial_sort(found_.begin(), found_.begin() + static_cast<std::ptrdiff_t>(sorted),
                    found_.end());
  for (const Found& found : found_) {
    admin::TraceEntry entry = Entry(found);
    if (!page.Take(entry)) return reply->set_more(true);
    *reply->add_entries() = std::move(entry);
  }
}

admin::TraceEntry Trace::Entry(const Found& found) const {
  const Subscription& subscription = *found.subscription;
  const Session* session = shard_.clients.Find(found.session_id);
  ESOCKETS_CHECK(session != nullptr);  // who has gone has no subscriptions
  admin::TraceEntry entry;
  entry.set_session_id(found.session_id);
  entry.set_client_id(std::string(session->client_id()));
  entry.set_filter(std::string(subscription.filter()));
  entry.set_overflow(std::string(OverflowText(subscription.overflow)));
  entry.set_backlog_messages(subscription.backlog ? subscription.backlog->messages : 0);
  entry.set_permitted(!session->permissions().Hides(request_.topic(), /*stored=*/false));
  FillOutcome(subscription, &entry);
  return entry;
}

void Trace::FillOutcome(const Subscription& subscription, admin::TraceEntry* entry) const {
  if (!base::FilterMatches(subscription.filter(), request_.topic())) {
    entry->set_outcome("no_match");
    entry->set_why(WhyNoMatch(subscription.filter(), request_.topic()));
    return;
  }
  if (!entry->permitted()) {
    entry->set_outcome("not_permitted");
    entry->set_why(WhyHidden(subscription.outbox->permissions().RuleThatHides(request_.topic())));
    return;
  }
  const Subscription& governing = *governing_.at(subscription.outbox);
  if (&governing != &subscription) {
    entry->set_outcome("other_subscription");
    entry->set_why(WhyOther(governing, subscription));
    return;
  }
  const Fate fate = FateOf(subscription);
  entry->set_receives(fate.receives());
  entry->set_outcome(std::string(OutcomeText(fate.what)));
  entry->set_why(WhyFate(
      fate, subscription,
      {.frame_bytes = frame_bytes_, .limits = shard_.limits(), .now = shard_.executor.TurnTime()}));
}

std::optional<Refusal<ErrorCode>> RefuseRequest(std::string detail) {
  return Refusal<ErrorCode>{ErrorCode::kAdminBadRequest, std::move(detail)};
}

}  // namespace

std::optional<Refusal<ErrorCode>> CheckTrace(const admin::TraceRequest& request) {
  if (request.after_filter().empty()) return std::nullopt;
  if (request.after_session_id() == 0) {
    return RefuseRequest("after_filter without after_session_id");
  }
  // The limits may have been others when it was subscribed.
  constexpr size_t kUnlimited = std::numeric_limits<size_t>::max();
  const auto error = base::CheckFilter(
      request.after_filter(), {.topic_bytes_max = kUnlimited, .topic_levels_max = kUnlimited});
  if (error == base::TopicError::kOk) return std::nullopt;
  return RefuseRequest(base::StrCat("after_filter: ", base::TopicErrorText(error)));
}

admin::Trace TraceMessage(const Shard& shard, const admin::TraceRequest& request,
                          const Session* only) {
  admin::Trace reply;
  reply.set_refused(WhyRefused(request, shard.limits()));
  if (!reply.refused().empty()) return reply;
  return Trace(&shard, &request, only).Answer();
}

}  // namespace esockets::broker
