// The broker as its users run it: a process of its own, whose output is read.
#ifndef TESTS_SOAK_BROKER_PROCESS_H_
#define TESTS_SOAK_BROKER_PROCESS_H_

#include <sys/types.h>

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/unique_fd.h"

namespace esockets::soak {

// What of a line of the log is no ordinary event: a failed check, what a sanitizer has found, an
// error.
bool IsComplaint(std::string_view line);

class BrokerProcess {
 public:
  BrokerProcess() = default;
  BrokerProcess(const BrokerProcess&) = delete;
  BrokerProcess& operator=(const BrokerProcess&) = delete;
  // Kills it, unless it has ended.
  ~BrokerProcess();

  // Returns when it listens. Errors: kUnavailable, with what it said.
  absl::Status Start(const std::string& program, const std::vector<std::string>& flags);
  // The lines that it said first, "listening on ..." among them.
  const std::vector<std::string>& banner() const { return banner_; }
  pid_t pid() const { return pid_; }

  void Signal(int number);
  bool is_running();
  // Its exit code, or 128 and the number of the signal that it died of. Nothing: it still runs
  // after so many seconds.
  std::optional<int> WaitForEnd(int seconds);

  // --- what it has logged so far
  uint64_t Reloads();
  uint64_t FailedReloads();
  std::vector<std::string> Complaints();
  // The last lines.
  std::string Tail();

 private:
  absl::Status ReadBanner();
  void ReadLog();
  void NoteLine(std::string line);

  pid_t pid_ = -1;
  std::optional<int> exit_code_;
  server::UniqueFd output_;
  server::UniqueFd log_;
  std::vector<std::string> banner_;
  std::thread reader_;
  std::mutex mutex_;
  uint64_t reloads_ = 0;  // guarded by mutex_, as all below
  uint64_t failed_reloads_ = 0;
  std::vector<std::string> complaints_;
  std::deque<std::string> tail_;
};

// Of a process: what it has open, sockets and all. 0: it is gone.
size_t Descriptors(pid_t pid);

}  // namespace esockets::soak

#endif  // TESTS_SOAK_BROKER_PROCESS_H_
