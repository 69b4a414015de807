// Endings in the messages of proto/admin.proto. Thread: the loop.
#ifndef BROKER_CLOSED_VIEW_H_
#define BROKER_CLOSED_VIEW_H_

#include "base/clock.h"
#include "broker/limits.h"
#include "broker/past_session.h"
#include "proto/admin.pb.h"

namespace esockets::broker {

inline constexpr std::string_view kClosedTopic = "$SYS/closed";

// Those that the request is about, the last one first, at most as many as a page has room for.
admin::Closed ClosedClients(const PastSessions& past, const admin::ClosedRequest& request,
                            const Limits& limits);

}  // namespace esockets::broker

#endif  // BROKER_CLOSED_VIEW_H_
