// The protocols there are; each in the file of its name.
#ifndef BENCH_LOAD_PROTOCOLS_H_
#define BENCH_LOAD_PROTOCOLS_H_

#include "bench/load/protocol.h"

namespace esockets::load {

extern const Protocol kMqttProtocol;
extern const Protocol kNativeProtocol;
extern const Protocol kNatsProtocol;
extern const Protocol kRedisProtocol;

}  // namespace esockets::load

#endif  // BENCH_LOAD_PROTOCOLS_H_
