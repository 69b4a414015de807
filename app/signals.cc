#include "app/signals.h"

#include <initializer_list>

namespace esockets::app {
namespace {

sigset_t SteeringSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, kStoppedSignal}) sigaddset(&signals, signal);
  return signals;
}

}  // namespace

void BlockSignals() {
  const sigset_t signals = SteeringSignals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

int WaitForSignal() {
  const sigset_t signals = SteeringSignals();
  int signal = 0;
  ::sigwait(&signals, &signal);
  return signal;
}

}  // namespace esockets::app
