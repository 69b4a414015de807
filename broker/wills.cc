#include "broker/wills.h"

#include <optional>
#include <utility>

#include "broker/client_permissions.h"
#include "broker/limits.h"
#include "broker/messages.h"

namespace esockets::broker {
namespace {

uint64_t BytesOf(const Will& will) { return will.message.frames().view().size(); }

}  // namespace

void Wills::OnEnded(std::string_view client_id, std::shared_ptr<const Will> will) {
  if (will->delay == base::Duration::zero()) return Publish(*will);
  siblings_.Post(siblings_.HomeOf(client_id), WillParcel{std::string(client_id), std::move(will)});
}

void Wills::OnWill(const WillParcel& parcel) {
  const std::shared_ptr<const Will>& will = parcel.will;
  const bool is_full =
      waiting_.size() >= kWillsMax || waiting_bytes_ + BytesOf(*will) > kWillsBytesMax;
  // Of another user, who had the id before.
  const bool is_taken = waiting_.contains(parcel.client_id);
  if (is_full || is_taken) return Publish(*will);
  const base::TimerId timer =
      executor_.RunAt(executor_.TurnTime() + will->delay, [this, client_id = parcel.client_id] {
        executor_.AssertOnLoop();
        const auto node = waiting_.extract(client_id);
        waiting_bytes_ -= BytesOf(*node.mapped().will);
        Publish(*node.mapped().will);
      });
  waiting_bytes_ += BytesOf(*will);
  waiting_.emplace(parcel.client_id, Waiting{will, timer});
}

void Wills::OnClaim(std::string_view client_id, std::string_view user) {
  const auto found = waiting_.find(client_id);
  if (found == waiting_.end() || found->second.will->identity.user != user) return;
  executor_.Cancel(found->second.timer);
  waiting_bytes_ -= BytesOf(*found->second.will);
  waiting_.erase(found);
}

// With the rights that its client would have now.
void Wills::Publish(const Will& will) {
  const std::optional<Identity> identity = authenticator_->Recall(will.identity);
  if (!identity || identity->user != will.identity.user) return;
  const auto permissions = policy_->Compile(*identity, will.client_id);
  if (!ClientPermissions(&*identity, permissions.get(), nullptr).Permits(will)) return;
  metrics_.wills_total.Add();
  metrics_.published_messages_total.Add();
  streams_.Publish({.topic = will.message.topic(),
                    .frames = will.message.frames(),
                    .publisher = will.session,
                    .publisher_class = will.publisher_class});
}

}  // namespace esockets::broker
