// What the bytes of a fuzzer decide, from a sequence of choices: those of one kind are taken from
// the front, those of another from the back, so that changing some of them leaves the others.
#ifndef TESTS_FUZZ_BYTE_SOURCE_H_
#define TESTS_FUZZ_BYTE_SOURCE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace esockets::tests {

class ByteSource {
 public:
  ByteSource(const uint8_t* data, size_t size) : left_(reinterpret_cast<const char*>(data), size) {}

  bool empty() const { return left_.empty(); }

  // 0 when nothing is left.
  uint8_t Next() {
    if (left_.empty()) return 0;
    const auto byte = static_cast<uint8_t>(left_.front());
    left_.remove_prefix(1);
    return byte;
  }
  uint8_t NextFromBack() {
    if (left_.empty()) return 0;
    const auto byte = static_cast<uint8_t>(left_.back());
    left_.remove_suffix(1);
    return byte;
  }
  size_t Below(size_t bound) { return Next() % bound; }
  bool OneIn(size_t times) { return Below(times) == times - 1; }
  template <typename T, size_t kChoices>
  const T& Pick(const T (&choices)[kChoices]) {
    return choices[Below(kChoices)];
  }
  std::string_view Take(size_t bytes) {
    const std::string_view taken = left_.substr(0, std::min(bytes, left_.size()));
    left_.remove_prefix(taken.size());
    return taken;
  }

 private:
  std::string_view left_;
};

}  // namespace esockets::tests

#endif  // TESTS_FUZZ_BYTE_SOURCE_H_
