#include "clients/cpp/presence_watcher.h"

#include <optional>

#include "clients/cpp/limits.h"
#include "clients/cpp/status.h"
#include "proto/presence.pb.h"

namespace esockets::client {

void PresenceWatcher::OnSubscribed() {
  begun_ = true;
  // What was asked over another connection is not answered any more.
  asking_ = false;
  book_.Invalidate();
  ReadIfNeeded();
}

void PresenceWatcher::OnGap() {
  book_.Invalidate();
  ReadIfNeeded();
}

void PresenceWatcher::OnMessage(const MessageView& message) {
  loop_.AssertOnLoop();
  esockets::PresenceUpdate update;
  if (over_ ||
      !update.ParseFromArray(message.payload.data(), static_cast<int>(message.payload.size()))) {
    return;
  }
  if (update.ended()) return End(absl::PermissionDeniedError("not on the topic any more"));
  book_.OnUpdate(update);
  Tell();
  ReadIfNeeded();
}

void PresenceWatcher::OnEnd(const absl::Status& reason) {
  loop_.AssertOnLoop();
  End(reason);
}

// What is asked is answered first: its answer is a page of no use.
void PresenceWatcher::ReadIfNeeded() {
  if (over_ || asking_ || !book_.must_read()) return;
  book_.BeginReading();
  AskPage();
}

void PresenceWatcher::AskPage() {
  esockets::PresenceRequest request;
  request.set_limit(kPresencePageMembers);
  request.set_after(book_.next_page().value_or(""));
  asking_ = true;
  ask_(request.SerializeAsString(),
       [self = shared_from_this(), reading = ++reading_](const auto& payload) {
         self->loop_.AssertOnLoop();
         self->OnAnswer(reading, payload);
       });
}

void PresenceWatcher::OnAnswer(uint64_t reading, const absl::StatusOr<std::string>& payload) {
  if (over_ || reading != reading_ || !asking_) return;
  asking_ = false;
  esockets::PresenceRoster page;
  const absl::Status& status = payload.status();
  if (status.ok() && page.ParseFromString(*payload)) {
    book_.OnPage(page);
    Tell();
    if (!book_.must_read() && book_.next_page()) return AskPage();
    return ReadIfNeeded();
  }
  // A connection that is lost comes back, with OnSubscribed.
  book_.Invalidate();
  if (absl::IsUnavailable(status) && BrokerCode(status) == 0) return;
  if (absl::IsPermissionDenied(status) || absl::IsFailedPrecondition(status)) return End(status);
  TryAgainLater();
}

void PresenceWatcher::TryAgainLater() {
  loop_.RunAt(loop_.TurnTime() + kPresencePause, [weak = weak_from_this()] {
    const auto self = weak.lock();
    if (self == nullptr) return;
    self->loop_.AssertOnLoop();
    self->ReadIfNeeded();
  });
}

void PresenceWatcher::Tell() {
  if (const std::optional<PresenceNews> news = book_.TakeNews()) callback_(*news);
}

void PresenceWatcher::End(const absl::Status& reason) {
  if (over_) return;
  over_ = true;
  if (begun_) callback_({.ended = reason});
}

}  // namespace esockets::client
