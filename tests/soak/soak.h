// A soak from its start to its end: two rounds of the same, of which the first one warms up, and
// what is left behind each.
#ifndef TESTS_SOAK_SOAK_H_
#define TESTS_SOAK_SOAK_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "tests/soak/broker_process.h"
#include "tests/soak/metrics_page.h"
#include "tests/soak/premises.h"
#include "tests/soak/promises.h"
#include "tests/soak/stage.h"

namespace esockets::soak {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr bool kIsSanitized = true;
#else
inline constexpr bool kIsSanitized = false;
#endif

struct Options {
  std::string broker = "app/broker";
  std::chrono::seconds duration{600};
  // A sanitizer takes so much time that readers of more would fall behind all that a stream keeps.
  size_t clients = kIsSanitized ? 500 : 2000;
  uint64_t seed = 1;
};

class Soak {
 public:
  explicit Soak(const Options& options);

  // Errors: it cannot begin. Else promises() says how it went.
  absl::Status Run();
  const Promises& promises() const { return promises_; }

 private:
  // What a broker without clients holds.
  struct Rest {
    Figures figures;
    size_t descriptors = 0;
    uint64_t memory_bytes = 0;  // resident, without what streams keep
  };

  absl::Status StartBroker();
  void PlayRound(uint64_t round, Clock::duration length);
  // Waits until nothing of the clients is left.
  Rest ComeToRest();
  std::string WhatIsLeft(const Rest& rest) const;
  Rest Look();
  // ... until it does not shrink any more.
  void WaitForMemory(Rest* rest);
  void Compare(const Rest& before, const Rest& after);

  void EndBroker();
  void TellProgressLater();
  void TellProgress();

  const Options options_;
  Promises promises_;
  Premises premises_;
  BrokerProcess broker_;
  Poller poller_;
  Doors doors_;
  std::unique_ptr<load::TlsDialer> dialer_;
  Stage stage_;
  Rest start_;
  Clock::time_point started_ = Clock::now();
  const class Crowd* crowd_ = nullptr;
  size_t good_ = 0;
};

}  // namespace esockets::soak

#endif  // TESTS_SOAK_SOAK_H_
