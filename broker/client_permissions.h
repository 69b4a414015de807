// May this client do what its command says? Thread: the loop.
#ifndef BROKER_CLIENT_PERMISSIONS_H_
#define BROKER_CLIENT_PERMISSIONS_H_

#include <string_view>

#include "broker/auth/identity.h"
#include "broker/permissions/permission_memo.h"
#include "broker/permissions/permission_set.h"
#include "broker/will.h"
#include "proto/client_frame_decoder.h"

namespace esockets::broker {

// A view of them, for the call.
class ClientPermissions {
 public:
  // `set`: null where there are no rules, and everything is permitted but administration. `memo`:
  // null for who asks once.
  ClientPermissions(const Identity* identity, const PermissionSet* set, PermissionMemo* memo)
      : identity_(*identity), set_(set), memo_(memo) {}

  // Of topics, filters and options that are right in themselves.
  bool Permits(const proto::SubscribeView& subscribe) const;
  bool Permits(const proto::PublishView& publish) const;
  bool Permits(const Will& will) const {
    return Permits(proto::PublishView{.topic = will.message.topic(), .reply_to = will.reply_to});
  }
  // A publish without anything but a topic and a payload.
  bool PermitsPublishTo(std::string_view topic) const { return Allows(Action::kPublish, topic); }
  bool PermitsRosterOf(std::string_view topic) const { return Allows(Action::kPresence, topic); }
  // Administrators all of it, others what the rules say.
  bool PermitsAdministration(std::string_view topic) const;

 private:
  bool Allows(Action action, std::string_view topic) const {
    if (set_ == nullptr) return true;
    return memo_ == nullptr ? set_->Check(action, topic).allowed
                            : memo_->Allows(*set_, action, topic);
  }
  bool AllowsAll(Action action, std::string_view filter) const {
    return set_ == nullptr || set_->CheckFilter(action, filter).allowed;
  }

  const Identity& identity_;
  const PermissionSet* const set_;
  PermissionMemo* const memo_;
};

}  // namespace esockets::broker

#endif  // BROKER_CLIENT_PERMISSIONS_H_
