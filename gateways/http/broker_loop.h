// One loop of the broker, as the HTTP door sees it from another thread: its counters may be read,
// everything else is asked for with a Post.
#ifndef GATEWAYS_HTTP_BROKER_LOOP_H_
#define GATEWAYS_HTTP_BROKER_LOOP_H_

#include "broker/shard.h"
#include "server/event_loop.h"

namespace esockets::http {

struct BrokerLoop {
  server::EventLoop* loop;
  broker::Shard* shard;
};

}  // namespace esockets::http

#endif  // GATEWAYS_HTTP_BROKER_LOOP_H_
