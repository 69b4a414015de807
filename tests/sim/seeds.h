// What every simulation is held to: many seeds keep every promise, and a planted fault breaks one.
#ifndef TESTS_SIM_SEEDS_H_
#define TESTS_SIM_SEEDS_H_

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/log.h"
#include "gtest/gtest.h"
#include "tests/support/sim_cluster.h"

namespace esockets::tests {

// `play(seed)`: the first broken promise; empty: none. A failure prints its seed; ESOCKETS_SEED=n
// plays that one alone.
template <typename Play>
void ExpectKept(uint64_t count, Play play) {
  base::SetLogLevel(base::LogLevel::kError);
  const char* only = std::getenv("ESOCKETS_SEED");
  const uint64_t first = only == nullptr ? 1 : std::strtoull(only, nullptr, 10);
  const uint64_t end = first + (only == nullptr ? count : 1);
  for (uint64_t seed = first; seed < end; ++seed) {
    ASSERT_EQ(play(seed), "") << "ESOCKETS_SEED=" << seed;
  }
}

template <typename Play>
void ExpectNoticed(std::string_view fault, Play play) {
  base::SetLogLevel(base::LogLevel::kError);
  constexpr uint64_t kSeedsMax = 1000;
  uint64_t seed = 1;
  while (seed <= kSeedsMax && play(seed).empty()) ++seed;
  EXPECT_LE(seed, kSeedsMax) << fault;
  testing::Test::RecordProperty(std::string(fault), static_cast<int>(seed));
  std::printf("%s: noticed with seed %d\n", std::string(fault).c_str(), static_cast<int>(seed));
}

// A model that never complains would prove nothing. `play(seed, fault)`: with what goes wrong
// between two loops.
template <typename Play>
void ExpectLinkFaultsNoticed(Play play) {
  const struct {
    std::string_view name;
    LinkFault fault;
  } cases[] = {
      {"batches change places", LinkFault::kReorderBatches},
      {"a batch is lost", LinkFault::kLoseBatch},
      {"credit is lost", LinkFault::kLoseCredit},
      {"an interest is lost", LinkFault::kLoseInterest},
  };
  for (const auto& c : cases) {
    ExpectNoticed(c.name, [&](uint64_t seed) { return play(seed, c.fault); });
  }
}

}  // namespace esockets::tests

#endif  // TESTS_SIM_SEEDS_H_
