// May this client do what its command says? Thread: the loop.
#ifndef BROKER_CLIENT_PERMISSIONS_H_
#define BROKER_CLIENT_PERMISSIONS_H_

#include <cstdint>
#include <string_view>

#include "broker/auth/identity.h"
#include "broker/permissions/permission_memo.h"
#include "broker/permissions/permission_set.h"
#include "broker/will.h"
#include "proto/client_frame_decoder.h"

namespace esockets::broker {

// Of a subscription: all that it matches, or all but what a rule denies, which is kept from it when
// it is delivered.
enum class Grant : uint8_t { kNothing, kWithHoles, kAll };

// A view of them, for the call.
class ClientPermissions {
 public:
  // Where there are no rules.
  static ClientPermissions Everything() { return {&kNobody, nullptr, nullptr}; }

  // `set`: null where there are no rules, and everything is permitted but administration. `memo`:
  // null for who asks once.
  ClientPermissions(const Identity* identity, const PermissionSet* set, PermissionMemo* memo)
      : identity_(*identity), set_(set), memo_(memo) {}

  // Of topics, filters and options that are right in themselves.
  Grant Of(const proto::SubscribeView& subscribe) const;
  bool Permits(const proto::SubscribeView& subscribe) const {
    return Of(subscribe) != Grant::kNothing;
  }
  bool Permits(const proto::PublishView& publish) const;
  bool Permits(const Will& will) const {
    return Permits(proto::PublishView{.topic = will.message.topic(), .reply_to = will.reply_to});
  }
  // A publish without anything but a topic and a payload.
  bool PermitsPublishTo(std::string_view topic) const { return Allows(Action::kPublish, topic); }
  bool PermitsRosterOf(std::string_view topic) const { return Allows(Action::kPresence, topic); }
  // Administrators all of it, others what the rules say.
  bool PermitsAdministration(std::string_view topic) const;

  // Are there topics that a permitted filter matches, and that are kept from the client? `stored`:
  // as they are read from a stream, else as they are published.
  bool HidesSome(std::string_view filter, bool stored) const;
  // Is it kept from it? REQUIRES: such a filter matches it.
  bool Hides(std::string_view topic, bool stored) const {
    return !Allows(Action::kSubscribe, topic) || (stored && !Allows(Action::kStream, topic));
  }
  // Name of the rule that hides what is published there. Empty: none does.
  std::string_view RuleThatHides(std::string_view topic) const;

 private:
  static const Identity kNobody;

  bool Allows(Action action, std::string_view topic) const {
    if (set_ == nullptr) return true;
    return memo_ == nullptr ? set_->Check(action, topic).allowed
                            : memo_->Allows(*set_, action, topic);
  }
  Grant Of(Action action, std::string_view filter) const;

  const Identity& identity_;
  const PermissionSet* const set_;
  PermissionMemo* const memo_;
};

}  // namespace esockets::broker

#endif  // BROKER_CLIENT_PERMISSIONS_H_
