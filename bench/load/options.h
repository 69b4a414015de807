// What one run of the generator shall do.
#ifndef BENCH_LOAD_OPTIONS_H_
#define BENCH_LOAD_OPTIONS_H_

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace esockets::load {

struct Options {
  std::string scenario;
  std::string protocol = "native";
  std::string address = "127.0.0.1:1234";
  std::string transport = "tcp";  // of subscribers and of clients that publish nothing
  std::string tls_address = "127.0.0.1:1235";
  bool resume = false;  // TLS sessions, when clients reconnect
  // Processes of the broker, whose CPU time and memory are measured.
  std::vector<pid_t> server_pids;
  int cpu = -1;  // to run on; -1: any

  size_t subscribers = 100;
  size_t stopped = 0;     // of the subscribers: read nothing while latency is measured
  size_t publishers = 0;  // that have a window in common; 0: what suits the scenario
  size_t pairs = 100;     // of publisher, topic and subscriber, in many-to-many
  size_t payload_bytes = 128;
  // Messages under way, of one publisher or of those with a window in common; 0: what fits into
  // kWindowBytes.
  uint64_t window = 0;
  // Every so manyth receive is looked at, the others are counted; 0: what suits the scenario.
  uint32_t look_every = 0;
  double rate = 1000;        // messages per second, where that is fixed
  size_t clients = 1000;     // idle ones, or those that churn or reconnect
  size_t storm = 0;          // clients on their way at any time, while latency is measured
  size_t literals = 10'000;  // subscriptions of the wildcard scenario
  size_t wildcards = 1'000;
  uint64_t messages = 1'000'000;  // that are stored and read again
  double warm_up_seconds = 0.3;
  double seconds = 2;
  bool json = false;
};

}  // namespace esockets::load

#endif  // BENCH_LOAD_OPTIONS_H_
