// What the broker promises, how often each was looked at, and which were broken.
#ifndef TESTS_SOAK_PROMISES_H_
#define TESTS_SOAK_PROMISES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace esockets::soak {

enum class Promise : uint8_t {
  kOrder,
  kAccounted,
  kStream,
  kPublished,
  kLastValue,
  kGroup,
  kKeyedOrder,
  kReply,
  kPresence,
  kHidden,
  kStays,
  kCredentials,
  kRevoked,
  kGauges,
  kDescriptors,
  kMemory,
  kEnding,
};
inline constexpr size_t kPromises = static_cast<size_t>(Promise::kEnding) + 1;

std::string_view Describe(Promise promise);

class Promises {
 public:
  explicit Promises(uint64_t seed) : seed_(seed) {}

  void Kept(Promise promise, uint64_t times = 1) { Of(promise).checked += times; }
  // Said at once, on stderr.
  void Broken(Promise promise, std::string_view what);
  // `error`: what a check has found; empty: it was kept.
  void Judge(Promise promise, const std::string& error) {
    error.empty() ? Kept(promise) : Broken(promise, error);
  }
  // Cannot be looked at here.
  void Skip(Promise promise, std::string_view why) { Of(promise).skipped = why; }

  uint64_t checked() const;
  uint64_t broken() const;

  // A table, and "N passed, M failed". What was never looked at has failed, too.
  std::string Report() const;
  bool all_kept() const { return failed() == 0; }

 private:
  struct Count {
    uint64_t checked = 0;
    uint64_t broken = 0;
    std::string skipped;
    bool is_kept() const { return broken == 0 && (checked > 0 || !skipped.empty()); }
  };

  Count& Of(Promise promise) { return counts_[static_cast<size_t>(promise)]; }
  size_t failed() const;

  const uint64_t seed_;
  std::array<Count, kPromises> counts_;
};

}  // namespace esockets::soak

#endif  // TESTS_SOAK_PROMISES_H_
