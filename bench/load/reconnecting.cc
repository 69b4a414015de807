#include "bench/load/reconnecting.h"

#include "absl/status/statusor.h"
#include "base/strings.h"

namespace esockets::load {

absl::Status Reconnecting::Start(size_t clients) {
  while (fleet_.links().size() < clients) {
    const absl::StatusOr<Link*> added = fleet_.Add(StreamCheck::Expect::kEvery);
    if (!added.ok()) return added.status();
  }
  return absl::OkStatus();
}

uint64_t Reconnecting::Turn() {
  constexpr uint64_t kMillisecondNs = 1'000'000;
  fleet_.Turn(kMillisecondNs);
  for (size_t i = 0; i < fleet_.links().size() && status_.ok(); ++i) {
    const Link& link = *fleet_.links()[i];
    if (!link.is_connected()) continue;
    ++connected_;
    if (link.is_resumed()) ++resumed_;
    status_ = fleet_.Replace(i);
  }
  if (status_.ok() && fleet_.totals().closed > 0) {
    status_ = base::Error(absl::StatusCode::kUnavailable, "the broker closed connections");
  }
  return connected_;
}

}  // namespace esockets::load
