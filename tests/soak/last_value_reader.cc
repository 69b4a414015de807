#include "tests/soak/last_value_reader.h"

#include <utility>

#include "base/strings.h"

namespace esockets::soak {
namespace {

constexpr std::string_view kFilter = "state/+";

}  // namespace

void LastValueReader::Begin() {
  check_.Begin(board().AcknowledgedOf("state/"));
  is_subscribed_ = true;
  has_snapshot_ = false;
  esockets::Subscribe subscribe;
  subscribe.set_filter(std::string(kFilter));
  subscribe.set_overflow(overflow_);
  Subscribe(std::move(subscribe), [this](const ServerFrame& frame) {
    Judge(Promise::kLastValue, frame.subscribed().last_values() ? "" : "no last values follow");
    EndLater();
  });
}

void LastValueReader::EndLater() {
  stage().poller.After(stage().dice.Pause(200, 3000), [this] {
    if (stays_ || !is_connected()) return;
    Unsubscribe(kFilter, [this](const ServerFrame&) {
      is_subscribed_ = false;
      Begin();
    });
  });
}

// What was there before the round is smaller than all that counts here, and has no floor.
void LastValueReader::OnMessage(const proto::MessageView& message) {
  const std::string error = is_subscribed_
                                ? check_.OnMessage(message.topic, NumberIn(message.payload))
                                : base::StrCat("has unsubscribed, and gets ", message.topic);
  Judge(Promise::kLastValue, error);
}

void LastValueReader::OnSnapshotEnd(const SnapshotEnd& /*end*/) {
  has_snapshot_ = true;
  Judge(Promise::kLastValue, check_.OnSnapshotEnd());
}

}  // namespace esockets::soak
