// Who would receive a message and why, in the messages of proto/admin.proto. Nothing is delivered,
// nothing changes. Thread: the loop.
#ifndef BROKER_TRACE_VIEW_H_
#define BROKER_TRACE_VIEW_H_

#include <optional>
#include <string_view>

#include "base/on_loop.h"
#include "broker/command_checks.h"
#include "broker/session.h"
#include "broker/shard.h"
#include "proto/admin.pb.h"

namespace esockets::broker {

inline constexpr std::string_view kTraceTopic = "$SYS/trace";

// Is that a place in the answer where a page can begin? Nothing: yes.
std::optional<Refusal<ErrorCode>> CheckTrace(const admin::TraceRequest& request);

// This loop's part of the answer. Without `only`: the subscriptions that match; with it: all of
// that session, and the receivers among them. The frame is taken to have no stamps. Of a client
// that keeps up it is said so, though this message may be the one that its socket refuses.
// REQUIRES: CheckTrace had nothing to say.
admin::Trace TraceMessage(const Shard& shard, const admin::TraceRequest& request,
                          const Session* only) ESOCKETS_ON_LOOP;

}  // namespace esockets::broker

#endif  // BROKER_TRACE_VIEW_H_
