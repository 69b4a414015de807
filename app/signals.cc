#include "app/signals.h"

#include <signal.h>
#include <unistd.h>

#include <initializer_list>

namespace esockets::app {
namespace {

// A real-time signal: several that wait are not merged into one.
int OwnSignal() { return SIGRTMIN; }

sigset_t SteeringSignals() {
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP, OwnSignal()}) sigaddset(&signals, signal);
  return signals;
}

}  // namespace

void BlockSignals() {
  const sigset_t signals = SteeringSignals();
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  ::signal(SIGPIPE, SIG_IGN);
}

Steering WaitForSteering() {
  const sigset_t signals = SteeringSignals();
  while (true) {
    siginfo_t info{};
    const int signal = ::sigwaitinfo(&signals, &info);
    if (signal == SIGHUP) return Steering::kReload;
    if (signal == SIGTERM || signal == SIGINT) return Steering::kStop;
    // Only our own: anybody else's number means nothing.
    if (signal == OwnSignal() && info.si_code == SI_QUEUE && info.si_pid == ::getpid()) {
      return static_cast<Steering>(info.si_value.sival_int);
    }
  }
}

void Steer(Steering event) {
  ::sigqueue(::getpid(), OwnSignal(), sigval{.sival_int = static_cast<int>(event)});
}

}  // namespace esockets::app
