#include "tests/soak/room_member.h"

#include <utility>

#include "base/strings.h"
#include "proto/presence.pb.h"
#include "tests/support/client_frames.h"

namespace esockets::soak {

using tests::PublishFrame;

namespace {

constexpr std::string_view kRoom = "room/good";
constexpr std::string_view kPresence = "$presence/room/good";

}  // namespace

void RoomMember::OnConnected(const Connected& connected) {
  inbox_ = connected.inbox();
  for (const std::string_view filter : {kRoom, kPresence}) {
    esockets::Subscribe subscribe;
    subscribe.set_filter(std::string(filter));
    Subscribe(std::move(subscribe));
  }
}

void RoomMember::OnMessage(const proto::MessageView& message) {
  if (message.topic == kPresence) return OnUpdate(message.payload);
  if (message.topic.starts_with(inbox_)) return OnRoster(message.payload);
}

void RoomMember::OnUpdate(std::string_view payload) {
  PresenceUpdate update;
  if (!update.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    return Judge(Promise::kPresence, "gets an update that is none");
  }
  std::string error;
  for (const PresenceMember& member : update.left()) {
    if (members_.contains(member.client_id()))
      error = "is told of who is there: he has left: " + member.client_id();
  }
  Judge(Promise::kPresence, error);
}

void RoomMember::AskForRoster() {
  PresenceRequest request;
  request.set_limit(1000);
  ClientFrame frame = PublishFrame(kPresence, request.SerializeAsString());
  frame.mutable_publish()->set_reply_to(inbox_ + "/roster");
  // The answer is a message, and no Published.
  SendUnanswered(std::move(frame));
}

void RoomMember::OnRoster(std::string_view payload) {
  PresenceRoster roster;
  if (!roster.ParseFromArray(payload.data(), static_cast<int>(payload.size()))) {
    return Judge(Promise::kPresence, "gets a roster that is none");
  }
  std::set<std::string> there;
  for (const PresenceMember& member : roster.members()) there.insert(member.client_id());
  has_right_roster_ = there == members_ && roster.count() == members_.size();
  if (has_right_roster_) return;
  last_roster_ = roster.ShortDebugString();
  // Who has gone without a word is there until the grace time is over.
  stage().poller.After(std::chrono::milliseconds(100), [this] {
    if (is_connected()) AskForRoster();
  });
}

void RoomMember::Finish() {
  Judge(Promise::kPresence, has_right_roster_ ? "" : "at the end is told: " + last_roster_);
}

}  // namespace esockets::soak
