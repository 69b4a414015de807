// What a test sees of slow clients: through $SYS/slow, as administrators do.
#ifndef TESTS_SUPPORT_SLOW_WATCH_H_
#define TESTS_SUPPORT_SLOW_WATCH_H_

#include <cstdint>
#include <functional>
#include <string_view>
#include <vector>

#include "proto/admin.pb.h"
#include "tests/support/native_peer.h"

namespace esockets::tests {

// One page of the ledger. `limit` 0: as many as the broker gives.
admin::Slow AskSlow(NativePeer& administrator, std::string_view client_id = {}, uint32_t limit = 0);

// Asks, and does something, in turn, until the client has been slow for so long without a break, or
// the test has failed. Returns each verdict of that time with other evidence than the one before;
// prints them.
std::vector<admin::SlowClient> WatchSlow(NativePeer& administrator, std::string_view client_id,
                                         uint64_t slow_millis,
                                         const std::function<void()>& meanwhile);

// What a subscriber of "$SYS/slow" is told next.
admin::SlowClient NextSlowEvent(NativePeer& subscriber);

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_SLOW_WATCH_H_
