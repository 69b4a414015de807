// How long to wait before the next attempt: capped exponential backoff with full jitter. A broker
// that restarts gets its clients back spread over time, not in one wave.
#ifndef CLIENTS_CPP_BACKOFF_H_
#define CLIENTS_CPP_BACKOFF_H_

#include <functional>

#include "base/clock.h"

namespace esockets::client {

// Thread: one at a time.
class Backoff {
 public:
  // `dice`: uniform in [0, 1). Empty: seeded by the system.
  Backoff(base::Duration min, base::Duration max, std::function<double()> dice);

  // Random between 0 and the ceiling, which doubles from `min` to `max`.
  base::Duration Next();

  // The next wait is a first one again.
  void Reset() { ceiling_ = min_; }

  // Of the next wait.
  base::Duration ceiling() const { return ceiling_; }

 private:
  const base::Duration min_;
  const base::Duration max_;
  const std::function<double()> dice_;
  base::Duration ceiling_;
};

}  // namespace esockets::client

#endif  // CLIENTS_CPP_BACKOFF_H_
