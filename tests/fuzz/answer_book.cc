#include "tests/fuzz/answer_book.h"

#include "tests/fuzz/expect.h"

namespace esockets::tests {

void AnswerBook::Ask(uint64_t id, int Requests::*kind) {
  Requests& requests = requests_[id];
  ++(requests.*kind);
  ++requests.unanswered;
}

void AnswerBook::Answer(uint64_t id, int Requests::*kind) {
  Requests& requests = requests_[id];
  Expect(--(requests.*kind) >= 0, "an answer to nothing");
  Expect(--requests.unanswered >= 0, "two answers");
}

void AnswerBook::OnSent(const ClientFrame& frame) {
  switch (frame.kind_case()) {
    case ClientFrame::kPublish:
      Ask(frame.publish().id(), &Requests::publishes);
      requests_[frame.publish().id()].replies |= frame.publish().topic().starts_with('$');
      return;
    case ClientFrame::kSubscribe:
      return Ask(frame.subscribe().id(), &Requests::subscribes);
    case ClientFrame::kUnsubscribe:
      return Ask(frame.unsubscribe().id(), &Requests::unsubscribes);
    case ClientFrame::kRefresh:
      return Ask(frame.refresh().id(), &Requests::refreshes);
    case ClientFrame::kPing:
      ++pings_[frame.ping().id()];
      return;
    default:
      return;
  }
}

void AnswerBook::OnArrived(const ServerFrame& frame) {
  switch (frame.kind_case()) {
    case ServerFrame::kPublished:
      return Answer(frame.published().id(), &Requests::publishes);
    case ServerFrame::kSubscribed:
      return Answer(frame.subscribed().id(), &Requests::subscribes);
    case ServerFrame::kUnsubscribed:
      return Answer(frame.unsubscribed().id(), &Requests::unsubscribes);
    case ServerFrame::kRefreshed:
      return Answer(frame.refreshed().id(), &Requests::refreshes);
    case ServerFrame::kPong:
      return Expect(--pings_[frame.pong().id()] >= 0, "a Pong to nothing");
    case ServerFrame::kError:
      // Without an id: of a publish that has none, or of what was taken away.
      if (frame.error().id() == 0) return;
      return Expect(--requests_[frame.error().id()].unanswered >= 0, "an Error for nothing");
    default:
      return;
  }
}

void AnswerBook::ExpectAllAnswered() const {
  for (const auto& [id, requests] : requests_) {
    if (id != 0 && !requests.replies)
      Expect(requests.unanswered == 0, "a request without an answer");
  }
  for (const auto& [id, waiting] : pings_) Expect(waiting == 0, "a Ping without a Pong");
}

}  // namespace esockets::tests
