// Every limit with its use, in the messages of proto/admin.proto. Thread: the loop.
#ifndef BROKER_LIMITS_VIEW_H_
#define BROKER_LIMITS_VIEW_H_

#include <string_view>

#include "base/on_loop.h"
#include "broker/session.h"
#include "broker/shard.h"
#include "proto/admin.pb.h"

namespace esockets::broker {

inline constexpr std::string_view kLimitsTopic = "$SYS/limits";

// This loop's part: every loop names the same ones in the same order, and what is counted for all
// of them together is told by the first.
admin::Limits LimitsOnLoop(const Shard& shard) ESOCKETS_ON_LOOP;

// Those that hold for this client.
admin::Limits LimitsOfClient(const Shard& shard, const Session& session) ESOCKETS_ON_LOOP;

}  // namespace esockets::broker

#endif  // BROKER_LIMITS_VIEW_H_
