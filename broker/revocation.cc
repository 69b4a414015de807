#include "broker/revocation.h"

#include <string>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "broker/presence_rules.h"
#include "proto/client_frame_decoder.h"
#include "proto/esockets.pb.h"

namespace esockets::broker {

void Revocation::Run() {
  if (session_.rare_ == nullptr) return;  // anybody, where there are no rules
  // What was published before is offered under the rules of before.
  shard_.router.BeforeContractChange();
  EndSubscriptions();
  if (!session_.ended()) EndWatches();
  // Who has said Disconnect may only have waited for the answer to one of them.
  if (session_.ended()) return;
  RenewHoles();
  EndMemberships();
  auto& will = session_.rare_->will;
  if (will != nullptr && !session_.permissions().Permits(*will)) will = nullptr;
}

bool Revocation::IsPermitted(const Subscription& subscription, std::string_view group) const {
  // Who is only behind under REPLAY reads what it was subscribed to.
  const bool reads = subscription.reads() && subscription.overflow != Overflow::kReplay &&
                     shard_.stream_readers.ReadsThePast(subscription);
  return session_.permissions().Permits(
      proto::SubscribeView{.filter = subscription.filter(),
                           .group = group,
                           .start = static_cast<uint32_t>(reads ? START_LAST : START_NOW)});
}

void Revocation::EndSubscriptions() {
  std::vector<std::string> filters;
  session_.subscriptions_.ForEach([&](const Subscription& subscription) {
    shard_.executor.AssertOnLoop();
    if (!IsPermitted(subscription, {})) filters.emplace_back(subscription.filter());
  });
  for (const std::string& filter : filters) {
    Tell(filter);
    // The end of one may have ended another: who left a topic does not watch it.
    Subscription* const found = session_.subscriptions_.Find(filter);
    if (found != nullptr) session_.CloseSubscription(found);
    if (session_.ended()) return;
  }
}

// Who administrates no more may not be one of those who are told who is there.
void Revocation::EndWatches() {
  std::vector<std::string> topics;
  session_.subscriptions_.ForEach([&topics](const Subscription& subscription) {
    const std::string_view filter = subscription.filter();
    if (filter.starts_with(kPresencePrefix)) topics.emplace_back(PresentTopic(filter));
  });
  for (const std::string& topic : topics) {
    session_.EndWatch(topic);
    if (session_.ended()) return;
  }
}

// Those that stay may have other holes.
void Revocation::RenewHoles() {
  session_.subscriptions_.ForEachMutable([this](Subscription& subscription) {
    shard_.executor.AssertOnLoop();
    const bool has_holes = session_.permissions().HidesSome(subscription.filter(), false);
    shard_.router.SetHoles(&subscription, has_holes);
    if (has_holes) session_.outbox_.ForgetHidden(&subscription);
  });
}

void Revocation::EndMemberships() {
  GroupDeliveries& groups = shard_.group_deliveries;
  const uint64_t id = session_.id();
  std::vector<std::pair<std::string, std::string>> memberships;
  groups.ForEachOf(id, [&](const Subscription& subscription, std::string_view group) {
    shard_.executor.AssertOnLoop();
    // Who is asking is looked at again when it is answered.
    const bool is_asking = groups.IsAsking(id, subscription.filter(), group);
    if (is_asking || IsPermitted(subscription, group)) return;
    memberships.emplace_back(subscription.filter(), group);
  });
  for (const auto& [filter, group] : memberships) {
    groups.Leave(id, filter, group);
    shard_.metrics.subscriptions.Subtract(1);
    Tell(filter);
  }
}

void Revocation::Tell(std::string_view filter) {
  session_.Refuse(0, ErrorCode::kNotPermitted, base::StrCat("not any more: ", filter));
}

}  // namespace esockets::broker
