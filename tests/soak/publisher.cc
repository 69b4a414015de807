#include "tests/soak/publisher.h"

#include <utility>

#include "base/strings.h"
#include "tests/support/client_frames.h"

namespace esockets::soak {

using tests::PublishFrame;

namespace {

// Answers that it waits for before it publishes more: a broker that is busy gets no more from it.
constexpr size_t kWaitingMax = 200;
constexpr uint32_t kConfirmMs = 5000;
// Keys of "keyed/" topics.
constexpr uint64_t kKeys = 7;

}  // namespace

Publisher::Publisher(Stage* stage, Board* board, Options options, std::vector<std::string> topics)
    : GoodClient(stage, std::move(options)), board_(*board), topics_(std::move(topics)) {
  for (const std::string& topic : topics_) board_.AddTopic(topic);
}

void Publisher::Begin() { PublishSome(); }

void Publisher::OnMessage(const proto::MessageView& message) {
  Judge(Promise::kStays, base::StrCat("gets what it has not subscribed to: ", message.topic));
}

// Now and then a burst, which fills queues.
void Publisher::PublishSome() {
  if (is_stopped_ || !is_connected()) return;
  const uint64_t times = stage().dice.OneIn(20) ? 20 : 1;
  for (uint64_t i = 0; i < times; ++i) {
    for (const std::string& topic : topics_) {
      if (waiting() < kWaitingMax) PublishOne(topic);
    }
  }
  stage().poller.After(stage().dice.Pause(20, 100), [this] { PublishSome(); });
}

void Publisher::PublishOne(const std::string& topic) {
  const uint64_t number = board_.Next(topic);
  const uint64_t bytes = stage().dice.Below(stage().dice.OneIn(50) ? 20000 : 2000);
  ClientFrame frame = PublishFrame(topic, NumberedPayload(number, bytes));
  if (topic.starts_with("keyed/")) {
    frame.mutable_publish()->set_key(base::StrCat(number % kKeys));
  }
  if (stage().dice.OneIn(30)) frame.mutable_publish()->set_confirm_ms(kConfirmMs);
  Request(std::move(frame), [this, topic, number](const ServerFrame& answer) {
    OnPublished(topic, number, answer.published());
  });
}

void Publisher::OnPublished(const std::string& topic, uint64_t number, const Published& published) {
  board_.Acknowledge(topic, number);
  if (published.has_delivery()) {
    const Delivery& it = published.delivery();
    const uint64_t sum = it.written() + it.queued() + it.conflated() + it.dropped() + it.gone();
    Judge(Promise::kPublished,
          it.matched() == sum ? "" : "its parts are not the sum: " + published.ShortDebugString());
  }
  if (topic.starts_with("kept/")) {
    Judge(Promise::kStream,
          published.has_stored() && published.stored().position() > 0
              ? ""
              : "is not told where it is stored: " + published.ShortDebugString());
  }
}

}  // namespace esockets::soak
