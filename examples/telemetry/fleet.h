// What the viewer knows of the hosts.
#ifndef EXAMPLES_TELEMETRY_FLEET_H_
#define EXAMPLES_TELEMETRY_FLEET_H_

#include <cstddef>
#include <deque>
#include <map>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "examples/telemetry/telemetry.pb.h"

namespace esockets::telemetry {

struct Host {
  Cpu cpu;
  Memory memory;
  Disk disk;
  Network network;
  // Of cpu, the oldest first; at most Fleet::kHistory.
  std::deque<double> busy_percents;
  base::TimePoint seen{};

  // Whether each kind of message has come.
  bool complete() const {
    return cpu.time_us() != 0 && memory.time_us() != 0 && disk.time_us() != 0 &&
           network.time_us() != 0;
  }
};

// Thread: one.
class Fleet {
 public:
  static constexpr size_t kHistory = 12;

  // A message on telemetry/HOST/KIND; an empty one: the host is gone. False, and nothing has
  // changed, when it is none.
  bool Apply(std::string_view topic, std::string_view payload, base::TimePoint now);

  // Hosts that have not been heard since then are gone.
  void ForgetBefore(base::TimePoint time);

  // By name.
  const std::map<std::string, Host>& hosts() const { return hosts_; }
  bool has_complete_host() const;

 private:
  std::map<std::string, Host> hosts_;
};

}  // namespace esockets::telemetry

#endif  // EXAMPLES_TELEMETRY_FLEET_H_
