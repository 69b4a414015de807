// Streams in the messages of proto/admin.proto. Thread: the loop.
#ifndef BROKER_STREAM_VIEW_H_
#define BROKER_STREAM_VIEW_H_

#include <string_view>

#include "base/on_loop.h"
#include "broker/shard.h"
#include "proto/admin.pb.h"

namespace esockets::broker {

inline constexpr std::string_view kStreamsTopic = "$SYS/streams";

// This loop's part of the answer, by name, at most as many as a page has room for: of every stream
// that is asked for its name and who reads it here, and the rest of those whose home this loop is.
admin::Streams StreamsOnLoop(const Shard& shard,
                             const admin::StreamsRequest& request) ESOCKETS_ON_LOOP;

}  // namespace esockets::broker

#endif  // BROKER_STREAM_VIEW_H_
