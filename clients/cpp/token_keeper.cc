#include "clients/cpp/token_keeper.h"

#include <algorithm>
#include <utility>

#include "clients/cpp/limits.h"

namespace esockets::client {
TokenKeeper::TokenKeeper(base::Executor* loop, const ClientOptions& options, Hooks hooks)
    : loop_(*loop),
      token_(options.token),
      source_(options.token_source),
      hooks_(std::move(hooks)),
      backoff_(options.backoff_min, options.backoff_max, options.dice) {}

void TokenKeeper::Ask(TellToken done) {
  source_(
      [this, question = ++question_, done = std::move(done)](absl::StatusOr<std::string> token) {
        loop_.AssertOnLoop();
        if (question != question_) return;
        ++question_;  // told once
        done(std::move(token));
      });
}

void TokenKeeper::AskForConnect(bool has_ticket, TellToken done) {
  if (!has_source()) return done(token_);
  has_ticket ? done(std::string()) : Ask(std::move(done));
}

void TokenKeeper::OnAccepted(base::Duration expires_in) {
  loop_.Cancel(timer_);
  backoff_.Reset();
  if (!has_source() || expires_in == base::Duration::zero()) return;
  AskAgainIn(std::max(expires_in / 5 * 4, kRefreshIntervalMin));
}

void TokenKeeper::AskAgainIn(base::Duration wait) {
  timer_ = loop_.RunAt(loop_.TurnTime() + wait, [this] {
    loop_.AssertOnLoop();
    AskForRefresh();
  });
}

void TokenKeeper::AskForRefresh() {
  Ask([this](absl::StatusOr<std::string> token) {
    loop_.AssertOnLoop();
    token.ok() ? hooks_.refresh(*token) : OnRefused(token.status());
  });
}

void TokenKeeper::OnRefused(const absl::Status& why) {
  if (hooks_.on_error) hooks_.on_error(why);
  if (has_source()) AskAgainIn(std::max(backoff_.Next(), kRefreshIntervalMin));
}

void TokenKeeper::OnDown() {
  loop_.Cancel(timer_);
  ++question_;
}

}  // namespace esockets::client
