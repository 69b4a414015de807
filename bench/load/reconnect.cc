#include <string>

#include "base/strings.h"
#include "bench/load/meter.h"
#include "bench/load/reconnecting.h"
#include "bench/load/scenarios.h"

namespace esockets::load {
namespace {

// One client gets the session that all others offer.
absl::Status GetSession(Fleet* fleet) {
  if (!IsTls(fleet->target().transport)) {
    return base::Error(absl::StatusCode::kInvalidArgument, "only TLS has sessions to resume");
  }
  if (const auto added = fleet->Add(StreamCheck::Expect::kEvery); !added.ok()) {
    return added.status();
  }
  if (absl::Status done = fleet->WaitUntilConnected(); !done.ok()) return done;
  return fleet->target().tls->KeepSession();
}

}  // namespace

absl::StatusOr<Result> Reconnect(const Options& options, Fleet* fleet) {
  if (!fleet->protocol().answers_connect) {
    return base::Error(absl::StatusCode::kInvalidArgument, "its Connect is not answered");
  }
  Reconnecting clients(fleet);
  if (options.resume) {
    if (const absl::Status got = GetSession(fleet); !got.ok()) return got;
  }
  if (const absl::Status started = clients.Start(options.clients); !started.ok()) return started;
  Result result;
  Meter(options, fleet)
      .Run(
          "reconnect", [&] { return clients.Turn(); }, &result);
  const uint64_t connected = clients.Turn();
  result.Add("resumed", static_cast<double>(clients.resumed()));
  result.faults = fleet->faults();
  if (!clients.status().ok()) result.invalid = std::string(base::Message(clients.status()));
  // The first client of all had no session.
  const uint64_t resumed_min = options.resume ? connected - 1 : 0;
  if (options.resume ? clients.resumed() < resumed_min : clients.resumed() > 0) {
    result.invalid = base::StrCat(clients.resumed(), " of ", connected, " sessions were resumed");
  }
  return result;
}

}  // namespace esockets::load
