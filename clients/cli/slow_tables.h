// Who is slow, and why, for people.
#ifndef CLIENTS_CLI_SLOW_TABLES_H_
#define CLIENTS_CLI_SLOW_TABLES_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "proto/admin.pb.h"

namespace esockets::cli {

// One line a client. KERNEL has the bytes that the kernel has taken and the client's has not
// acknowledged. When there is none: "no client is slow".
std::string SlowTable(const admin::Slow& slow);

// Everything about one of them: each queue, what it lost to which subscription, the evidence with
// its figures.
std::string SlowText(const admin::SlowClient& client);

// "TIME  CLIENT  VERDICT  ...", what `slow --watch` prints of an event. `time_us`: when it came,
// microseconds since 1970 (UTC).
std::string SlowLine(const admin::SlowClient& client, int64_t time_us);

// The verdict in words; empty when it is one of a newer broker.
std::string_view VerdictText(std::string_view verdict);

// Of a client that is slow no more.
inline constexpr std::string_view kCaughtUp = "caught_up";

}  // namespace esockets::cli

#endif  // CLIENTS_CLI_SLOW_TABLES_H_
