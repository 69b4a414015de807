// The events that steer the broker from outside and inside, taken one by one by the main thread.
#ifndef APP_SIGNALS_H_
#define APP_SIGNALS_H_

namespace esockets::app {

enum class Steering : int {
  kStop,            // SIGTERM or SIGINT
  kReload,          // SIGHUP
  kDrainRequested,  // by an administrator's request
  kStopped,         // the drain has ended
};

// From here on SIGTERM, SIGINT and SIGHUP interrupt no thread, and a closed pipe ends nothing.
// REQUIRES: no other thread runs yet.
void BlockSignals();

// Waits for the next event. REQUIRES: BlockSignals().
Steering WaitForSteering();

// Sends an event to this process itself. Thread: any. REQUIRES: BlockSignals().
void Steer(Steering event);

}  // namespace esockets::app

#endif  // APP_SIGNALS_H_
