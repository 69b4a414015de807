// Ctrl-C and SIGTERM as an event to wait for, instead of an end in the middle of something.
#ifndef CLIENTS_CLI_INTERRUPT_H_
#define CLIENTS_CLI_INTERRUPT_H_

#include "base/clock.h"

namespace esockets::cli {

// One a process, made before any other thread: the signals are blocked everywhere, and waited for
// here. Thread: one waits; any may wake it.
class Interrupt {
 public:
  Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;
  ~Interrupt();

  enum class Cause { kSignal, kWoken, kTimeout };

  // A wake-up that came before counts; a signal is remembered for all later calls.
  Cause WaitFor(base::Duration timeout);
  // However long it takes.
  Cause Wait();

  // Waits until `fd` can be read or is at its end; false: a signal came.
  bool AwaitReadable(int fd);

  void Wake();

  // Has a signal come?
  bool interrupted();

 private:
  Cause Poll(int timeout_millis);

  int signals_;
  int wake_;
  bool interrupted_ = false;
};

}  // namespace esockets::cli

#endif  // CLIENTS_CLI_INTERRUPT_H_
