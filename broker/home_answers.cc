#include "broker/home_answers.h"

namespace esockets::broker {

void HomeAnswers::Accept(const Messages& message, const Stored& stored, uint32_t loops) {
  const StoreAsk& ask = *message.store;
  const bool confirms = message.confirm != nullptr;
  PostAtTurnEnd(ask.loop, {.session = ask.session,
                           .request_id = ask.request_id,
                           .stored = stored,
                           .confirm_number = confirms ? message.confirm->number : 0,
                           .loops = loops});
}

void HomeAnswers::Refuse(uint32_t from, const Messages& messages, ErrorCode code,
                         std::string detail) {
  StoredParcel refusal{.session = messages.publisher, .refusal = code, .detail = std::move(detail)};
  if (messages.store != nullptr) refusal.request_id = messages.store->request_id;
  if (messages.confirm != nullptr) refusal.confirm_number = messages.confirm->number;
  PostAtTurnEnd(from, std::move(refusal));
}

void HomeAnswers::PostAtTurnEnd(uint32_t loop, StoredParcel answer) {
  answers_.emplace_back(loop, std::move(answer));
  if (answers_.size() > 1) return;
  executor_.AtTurnEnd([this] {
    executor_.AssertOnLoop();
    PostAll();
  });
}

void HomeAnswers::PostAll() {
  router_.CloseRun();
  router_.exchange().Flush();
  for (auto& [loop, answer] : std::exchange(answers_, {})) siblings_.Post(loop, std::move(answer));
}

}  // namespace esockets::broker
