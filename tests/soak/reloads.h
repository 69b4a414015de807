// Has the broker read its configuration anew, now and then: with each version something is revoked.
#ifndef TESTS_SOAK_RELOADS_H_
#define TESTS_SOAK_RELOADS_H_

#include <csignal>
#include <cstdint>

#include "tests/soak/broker_process.h"
#include "tests/soak/stage.h"

namespace esockets::soak {

class Reloads {
 public:
  // `interval`: from when it has read one version until the next.
  Reloads(Stage* stage, BrokerProcess* broker, Clock::duration interval)
      : stage_(*stage), broker_(*broker), interval_(interval) {}

  // Until the tasks of the stage are forgotten. REQUIRES: the stage is settled.
  void Begin() {
    stage_.poller.After(interval_, [this] { Ask(); });
  }

 private:
  void Ask() {
    stage_.premises.Next();
    stage_.version_asked = stage_.premises.version();
    broker_.Signal(SIGHUP);
    WaitUntilRead();
  }
  void WaitUntilRead() {
    if (broker_.Reloads() < stage_.version_asked) {
      return stage_.poller.After(std::chrono::milliseconds(20), [this] { WaitUntilRead(); });
    }
    stage_.version_read = stage_.version_asked;
    Begin();
  }

  Stage& stage_;
  BrokerProcess& broker_;
  const Clock::duration interval_;
};

}  // namespace esockets::soak

#endif  // TESTS_SOAK_RELOADS_H_
