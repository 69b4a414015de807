#include "bench/load/storm.h"

#include <sched.h>
#include <sys/resource.h>

#include "bench/load/process_usage.h"
#include "bench/load/reconnecting.h"

namespace esockets::load {
namespace {

// This thread's work with a handshake shall not make those late whose messages are timed.
void GiveWay() {
  constexpr int kNicest = 19;
  const sched_param none{};
  ::sched_setscheduler(0, SCHED_OTHER, &none);
  ::setpriority(PRIO_PROCESS, 0, kNicest);  // of this thread alone, on Linux
}

}  // namespace

Storm::Storm(const Target& target, size_t clients) : clients_(clients) {
  if (clients_ > 0) thread_ = std::thread([this, target] { Run(target); });
}

Storm::~Storm() {
  shall_end_ = true;
  if (thread_.joinable()) thread_.join();
}

void Storm::Run(const Target& target) {
  GiveWay();
  Target own = target;
  own.ids = "storm-";
  Fleet fleet(own);
  Reconnecting clients(&fleet);
  if (fleet.protocol().answers_connect && clients.Start(clients_).ok()) {
    while (!shall_end_ && clients.status().ok()) connected_ = clients.Turn();
  }
  has_ended_ = true;
}

void Storm::Note() {
  noted_ = connected_;
  noted_ns_ = NowNs();
}

void Storm::AddRate(Result* result) const {
  if (clients_ == 0) return;
  const double seconds = static_cast<double>(NowNs() - noted_ns_) / 1e9;
  result->Add("storm_connects_per_s", static_cast<double>(connected_ - noted_) / seconds);
  if (has_ended_) result->invalid = "new clients were not let in";
}

}  // namespace esockets::load
