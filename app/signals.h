// The signals that steer the broker, taken one by one by the main thread.
#ifndef APP_SIGNALS_H_
#define APP_SIGNALS_H_

#include <signal.h>

namespace esockets::app {

// Sent by the broker to itself when it has stopped.
inline constexpr int kStoppedSignal = SIGUSR1;

// No thread is interrupted by SIGTERM, SIGINT, SIGHUP and kStoppedSignal any more. REQUIRES: no
// other thread runs yet.
void BlockSignals();

// Waits for the next of them.
int WaitForSignal();

}  // namespace esockets::app

#endif  // APP_SIGNALS_H_
