// Where a client's token comes from: asked for before each connection that has no ticket and, when
// it expires, in time for the same one.
#ifndef CLIENTS_CPP_TOKEN_KEEPER_H_
#define CLIENTS_CPP_TOKEN_KEEPER_H_

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/executor.h"
#include "base/on_loop.h"
#include "clients/cpp/backoff.h"
#include "clients/cpp/options.h"

namespace esockets::client {

// Thread: the loop.
class TokenKeeper {
 public:
  struct Hooks {
    // Sends a Refresh over the connection that stands.
    std::function<void(std::string_view token)> refresh;
    std::function<void(const absl::Status& error)> on_error;
  };
  // REQUIRES: `loop` outlives it; what tells tokens does so on the loop, and not after its death.
  TokenKeeper(base::Executor* loop, const ClientOptions& options, Hooks hooks);
  TokenKeeper(const TokenKeeper&) = delete;
  TokenKeeper& operator=(const TokenKeeper&) = delete;

  // Is there somebody to ask for a fresh one?
  bool has_source() const { return source_ != nullptr; }

  // Calls `done` within the call or later, unless the connection is down before that. `has_ticket`:
  // which stands for a token, so that the source is left alone, and the token is empty.
  void AskForConnect(bool has_ticket, TellToken done) ESOCKETS_ON_LOOP;
  // Connected or Refreshed has told how long it lasts; zero: for ever.
  void OnAccepted(base::Duration expires_in) ESOCKETS_ON_LOOP;
  // The broker did not take the Refresh.
  void OnRefused(const absl::Status& why) ESOCKETS_ON_LOOP;
  void OnDown() ESOCKETS_ON_LOOP;

 private:
  void Ask(TellToken done) ESOCKETS_ON_LOOP;
  void AskForRefresh() ESOCKETS_ON_LOOP;
  void AskAgainIn(base::Duration wait) ESOCKETS_ON_LOOP;

  base::Executor& loop_;
  const std::string token_;
  const TokenSource source_;
  const Hooks hooks_;
  Backoff backoff_ ESOCKETS_GUARDED_BY_LOOP;
  uint64_t question_ ESOCKETS_GUARDED_BY_LOOP = 0;  // the last one; answers to others are late
  base::TimerId timer_ ESOCKETS_GUARDED_BY_LOOP;
};

}  // namespace esockets::client

#endif  // CLIENTS_CPP_TOKEN_KEEPER_H_
