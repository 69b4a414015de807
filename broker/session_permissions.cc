#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "broker/permissions/permission_policy.h"
#include "broker/session.h"
#include "proto/esockets.pb.h"

// What the client may do: the part of Session that session.cc leaves out.
namespace esockets::broker {

void Session::CompilePermissions() {
  const std::string_view client_id =
      client_id_ == nullptr ? std::string_view(rare_->wanted_client_id) : client_id_->text();
  auto permissions = shard_.settings().permissions->Compile(identity(), client_id);
  if (permissions != nullptr || rare_ != nullptr) NeedRare().permissions = std::move(permissions);
}

ClientPermissions Session::permissions() const {
  return {&identity(), rare_ == nullptr ? nullptr : rare_->permissions.get(),
          &shard_.permission_memo};
}

void Session::OnSettingsReplaced() {
  if (is_new() || connecting() || ended()) return;
  CompilePermissions();
  EndWhatIsNotPermitted();
}

// At once: what is published from here on does not come any more.
void Session::EndWhatIsNotPermitted() {
  if (rare_ == nullptr || rare_->permissions == nullptr) return;
  shard_.router.CloseRun();
  const auto tell = [this](std::string_view filter) {
    shard_.executor.AssertOnLoop();
    Refuse(0, ErrorCode::kNotPermitted, base::StrCat("not any more: ", filter));
  };
  const auto is_permitted = [this](const Subscription& subscription) {
    shard_.executor.AssertOnLoop();
    // Who is only behind under REPLAY reads what it was subscribed to.
    const bool reads = subscription.reads() && subscription.overflow != Overflow::kReplay;
    return permissions().Permits(
        proto::SubscribeView{.filter = subscription.filter(),
                             .start = static_cast<uint32_t>(reads ? START_LAST : START_NOW)});
  };
  std::vector<std::string> filters;
  subscriptions_.ForEach([&](const Subscription& subscription) {
    if (!is_permitted(subscription)) filters.emplace_back(subscription.filter());
  });
  for (const std::string& filter : filters) {
    // The end of one may have ended another: who left a topic does not watch it.
    if (Subscription* const found = subscriptions_.Find(filter)) CloseSubscription(found);
    tell(filter);
  }
  std::vector<std::pair<std::string, std::string>> memberships;
  shard_.group_deliveries.ForEachOf(id(),
                                    [&](const Subscription& subscription, std::string_view group) {
                                      if (!is_permitted(subscription))
                                        memberships.emplace_back(subscription.filter(), group);
                                    });
  for (const auto& [filter, group] : memberships) {
    // Who is asking is looked at again when it is answered.
    if (shard_.group_deliveries.IsAsking(id(), filter, group)) continue;
    shard_.group_deliveries.Leave(id(), filter, group);
    shard_.metrics.subscriptions.Subtract(1);
    tell(filter);
  }
  if (rare_->will != nullptr && !permissions().PermitsPublishTo(rare_->will->message.topic())) {
    rare_->will = nullptr;
  }
}

}  // namespace esockets::broker
