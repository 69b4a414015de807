// What all clients of a soak share. Thread: one.
#ifndef TESTS_SOAK_STAGE_H_
#define TESTS_SOAK_STAGE_H_

#include <cstdint>

#include "tests/soak/dice.h"
#include "tests/soak/poller.h"
#include "tests/soak/premises.h"
#include "tests/soak/promises.h"
#include "tests/soak/wire.h"

namespace esockets::soak {

// What has happened, for the line of progress.
struct Counters {
  uint64_t opened = 0;    // connections
  uint64_t connects = 0;  // answers to Connect
  uint64_t messages = 0;  // that came to somebody
  uint64_t messages_checked = 0;
  uint64_t errors = 0;
  uint64_t closes = 0;
};

struct Stage {
  Poller& poller;
  const Doors& doors;
  Premises& premises;
  Promises& promises;
  Dice dice;
  Counters counters{};
  // Versions of the premises that the broker was asked to read, and that it has said to have read:
  // what is revoked is while they are the same.
  uint64_t version_asked = 0;
  uint64_t version_read = 0;
  bool is_settled() const { return version_asked == version_read; }
};

}  // namespace esockets::soak

#endif  // TESTS_SOAK_STAGE_H_
