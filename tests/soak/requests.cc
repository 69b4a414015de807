#include "tests/soak/requests.h"

#include <utility>

#include "base/strings.h"
#include "tests/support/client_frames.h"

namespace esockets::soak {

using tests::PublishFrame;

namespace {

// Requests under way at once.
constexpr uint64_t kUnderWayMax = 50;

}  // namespace

void Replier::OnConnected(const Connected& /*connected*/) {
  esockets::Subscribe subscribe;
  subscribe.set_filter(topic());
  Subscribe(std::move(subscribe));
}

void Replier::OnMessage(const proto::MessageView& message) {
  Request(PublishFrame(message.reply_to, message.payload));
}

void Requester::AskSome() {
  if (is_stopped_ || !is_connected()) return;
  const uint64_t times = stage().dice.OneIn(20) ? 20 : 1;
  for (uint64_t i = 0; i < times && asked_ - replied_ < kUnderWayMax; ++i) {
    const uint64_t number = ++asked_;
    ClientFrame frame = PublishFrame(topic_, NumberedPayload(number, stage().dice.Below(1000)));
    frame.mutable_publish()->set_reply_to(base::StrCat(inbox_, "/", number));
    Request(std::move(frame));
  }
  stage().poller.After(stage().dice.Pause(10, 100), [this] { AskSome(); });
}

void Requester::OnMessage(const proto::MessageView& message) {
  const uint64_t number = NumberIn(message.payload);
  ++replied_;
  Judge(Promise::kReply, message.topic == base::StrCat(inbox_, "/", number)
                             ? replies_.OnNumber(number)
                             : base::StrCat("the reply to ", number, " comes on ", message.topic));
}

}  // namespace esockets::soak
