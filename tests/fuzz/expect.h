// What a fuzz target says before it gives up.
#ifndef TESTS_FUZZ_EXPECT_H_
#define TESTS_FUZZ_EXPECT_H_

#include <cstdlib>
#include <iostream>
#include <string_view>

namespace esockets::tests {

inline void Expect(bool condition, std::string_view what) {
  if (condition) return;
  std::cerr << what << "\n";
  std::abort();
}

}  // namespace esockets::tests

#endif  // TESTS_FUZZ_EXPECT_H_
