// What the tests of sessions have in common.
#ifndef TESTS_BROKER_SESSION_STEPS_H_
#define TESTS_BROKER_SESSION_STEPS_H_

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "broker/shard.h"
#include "tests/support/sim_client.h"

namespace esockets::broker {

using Lines = std::vector<std::string>;

// Lines that have arrived when the turn is over.
inline Lines After(tests::SimBroker& broker, tests::SimClient& client) {
  broker.Turn();
  return client.Lines();
}

inline void Wait(tests::SimBroker& broker, base::Duration duration) {
  broker.executor.EndTurn();
  broker.executor.Advance(duration);
  broker.executor.BeginTurn();
}

// The client takes nothing any more, and is behind from the next message of `topic` on.
inline void FallBehind(tests::SimBroker& broker, tests::SimClient& client, std::string_view topic) {
  broker.executor.AssertOnLoop();
  tests::SimClient publisher(&broker, "");
  broker.Turn();
  client.sink.set_window(0);
  publisher.Publish(topic, std::string(broker.shard.limits().high_watermark_bytes, '.'));
  broker.Turn();
}

inline Settings Small() {
  Settings settings;
  settings.limits.high_watermark_bytes = 1000;
  return settings;
}

}  // namespace esockets::broker

#endif  // TESTS_BROKER_SESSION_STEPS_H_
