#include "tests/support/slow_watch.h"

#include <iostream>
#include <optional>
#include <string>

#include "gtest/gtest.h"

namespace esockets::tests {
namespace {

bool IsJudgedAlike(const admin::SlowClient& a, const admin::SlowClient& b) {
  return a.verdict() == b.verdict() &&
         a.evidence().SerializeAsString() == b.evidence().SerializeAsString();
}

}  // namespace

admin::Slow AskSlow(NativePeer& administrator, std::string_view client_id, uint32_t limit) {
  admin::SlowRequest request;
  request.set_client_id(std::string(client_id));
  request.set_limit(limit);
  admin::Slow slow;
  const auto reply = administrator.Ask("$SYS/slow", request.SerializeAsString());
  EXPECT_TRUE(reply && slow.ParseFromString(*reply));
  return slow;
}

std::vector<admin::SlowClient> WatchSlow(NativePeer& administrator, std::string_view client_id,
                                         uint64_t slow_millis,
                                         const std::function<void()>& meanwhile) {
  std::vector<admin::SlowClient> verdicts;
  admin::SlowClient shown;
  while (shown.slow_ms() < slow_millis && !testing::Test::HasFailure()) {
    meanwhile();
    const admin::Slow slow = AskSlow(administrator, client_id);
    if (slow.clients_size() == 0) continue;
    shown = slow.clients(0);
    if (shown.slow_ms() == 0) {
      verdicts.clear();
      continue;
    }
    if (!verdicts.empty() && IsJudgedAlike(shown, verdicts.back())) continue;
    std::cout << "slow for " << shown.slow_ms() << " ms: " << shown.verdict() << ", "
              << shown.evidence().ShortDebugString() << std::endl;
    verdicts.push_back(shown);
  }
  return verdicts;
}

admin::SlowClient NextSlowEvent(NativePeer& subscriber) {
  admin::SlowClient client;
  const std::optional<ServerFrame> frame = subscriber.Receive();
  EXPECT_TRUE(frame && frame->has_message() && frame->message().topic() == "$SYS/slow" &&
              client.ParseFromString(frame->message().payload()));
  return client;
}

}  // namespace esockets::tests
