// A line on the terminal that says how far it has come.
#ifndef CLIENTS_CLI_PROGRESS_H_
#define CLIENTS_CLI_PROGRESS_H_

#include <cstdint>
#include <string>

#include "base/clock.h"

namespace esockets::cli {

// Prints to stderr, at most ten times a second, when that is a terminal. Thread: one.
class Progress {
 public:
  // `total` 0: unknown.
  Progress(uint64_t total, bool enabled);
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  // Takes the line away.
  ~Progress();

  void Update(uint64_t done);

 private:
  const uint64_t total_;
  const bool enabled_;
  const base::TimePoint started_;
  base::TimePoint next_;
  bool shown_ = false;
};

// "[#####     ] 50% 500/1000 250/s", or without a total "500 250/s".
std::string ProgressLine(uint64_t done, uint64_t total, double seconds);

}  // namespace esockets::cli

#endif  // CLIENTS_CLI_PROGRESS_H_
