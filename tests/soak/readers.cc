#include "tests/soak/readers.h"

#include <utility>

#include "base/strings.h"

namespace esockets::soak {
namespace {

// So that holes are an everyday matter.
constexpr uint32_t kBacklogMessages = 30;

// A quarter of what the stream keeps.
constexpr uint64_t kMissingMessagesMax = 1000;

Subscribe Of(std::string_view filter, uint32_t backlog_messages) {
  Subscribe subscribe;
  subscribe.set_filter(std::string(filter));
  subscribe.set_overflow(OVERFLOW_DROP_OLDEST);
  subscribe.set_max_backlog_messages(backlog_messages);
  return subscribe;
}

}  // namespace

void Reader::Attend() {
  attends_ = true;
  if (is_connected()) wire().ReadOn();
}

void Reader::PauseNowAndThen() {
  if (!pauses_ || attends_) return;
  stage().poller.After(stage().dice.Pause(100, 3000), [this] {
    if (attends_) return;
    if (is_connected() && MayPause()) wire().StopReading();
    stage().poller.After(stage().dice.Pause(100, 4000), [this] {
      if (is_connected()) wire().ReadOn();
      PauseNowAndThen();
    });
  });
}

// --- LiteralReader

void LiteralReader::OnConnected(const Connected& /*connected*/) {
  for (const auto& [topic, last] : board().LastOf(prefix_)) {
    checks_.emplace(topic, LiteralCheck(last + 1));
    Subscribe(Of(topic, kBacklogMessages));
  }
  PauseNowAndThen();
}

void LiteralReader::OnMessage(const proto::MessageView& message) {
  const auto check = checks_.find(message.topic);
  if (check == checks_.end()) {
    return Judge(Promise::kStays, base::StrCat("has not subscribed to ", message.topic));
  }
  const std::string error = check->second.OnMessage(NumberIn(message.payload));
  Judge(Promise::kOrder, error.empty() ? error : base::StrCat(message.topic, ": ", error));
}

void LiteralReader::OnGap(const Gap& gap) {
  const auto check = checks_.find(gap.filter());
  if (check == checks_.end() || gap.messages() == 0) {
    return Judge(Promise::kAccounted, "gets a strange Gap: " + gap.ShortDebugString());
  }
  Judge(Promise::kAccounted, "");
  check->second.OnGap(gap.messages());
}

bool LiteralReader::IsComplete() const {
  for (const auto& [topic, check] : checks_) {
    if (!check.IsComplete(board().Last(topic))) return false;
  }
  return true;
}

void LiteralReader::Finish() {
  for (const auto& [topic, check] : checks_) {
    const std::string error = check.AtEnd(board().Last(topic));
    Judge(Promise::kAccounted, error.empty() ? error : base::StrCat(topic, ": ", error));
  }
}

// --- WildcardReader

void WildcardReader::OnConnected(const Connected& /*connected*/) {
  Subscribe(Of(prefix_ + "+", kBacklogMessages));
  PauseNowAndThen();
}

void WildcardReader::OnMessage(const proto::MessageView& message) {
  Judge(Promise::kOrder, check_.CheckOrder(message.topic, NumberIn(message.payload)));
  Judge(Promise::kAccounted, check_.CheckHoles());
}

// --- StreamReader

void StreamReader::OnConnected(const Connected& /*connected*/) {
  esockets::Subscribe subscribe = Of("kept/#", 0);
  subscribe.set_overflow(OVERFLOW_REPLAY);
  if (epoch_ != 0) {
    subscribe.set_start(START_AFTER_POSITION);
    subscribe.set_start_at(check_.position());
    subscribe.set_start_epoch(epoch_);
  }
  Subscribe(std::move(subscribe),
            [this](const ServerFrame& frame) { OnSubscribed(frame.subscribed().stream()); });
  PauseNowAndThen();
  if (leaves_) LeaveLater();
}

void StreamReader::OnSubscribed(const StreamStart& start) {
  const bool is_first = std::exchange(epoch_, start.epoch()) == 0;
  if (is_first) check_.set_position(start.position());
  Judge(Promise::kStream,
        is_first || start.recovered() ? "" : "is not recovered: " + start.ShortDebugString());
}

bool StreamReader::MayPause() const {
  return check_.Missing(board().LastOf("kept/")) <= kMissingMessagesMax;
}

void StreamReader::LeaveLater() {
  stage().poller.After(stage().dice.Pause(500, 4000), [this] {
    if (!stays_ && is_connected()) Rejoin();
  });
}

void StreamReader::OnMessage(const proto::MessageView& message) {
  Judge(Promise::kStream,
        check_.OnMessage(message.topic, NumberIn(message.payload), message.position));
}

void StreamReader::OnGap(const Gap& gap) {
  Judge(Promise::kStream, "expected no Gap, came: " + gap.ShortDebugString());
}

// --- Watcher

void Watcher::OnConnected(const Connected& /*connected*/) { Subscribe(Of("#", 50)); }

void Watcher::OnMessage(const proto::MessageView& message) {
  Judge(Promise::kHidden, message.topic.starts_with("secret/")
                              ? base::StrCat("gets ", message.topic)
                              : std::string());
}

}  // namespace esockets::soak
