#include "tests/soak/garbage.h"

#include <set>

#include "gtest/gtest.h"
#include "tests/soak/dice.h"

namespace esockets::soak {
namespace {

TEST(Garbage, IsTheSameForTheSameSeed) {
  Dice a(7), b(7);
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(FirstWords(&a), FirstWords(&b));
}

TEST(Garbage, IsManyThings) {
  Dice dice(1);
  std::set<std::string> words;
  for (int i = 0; i < 1000; ++i) {
    words.insert(FirstWords(&dice));
    words.insert(BrokenFrame(&dice));
    words.insert(BrokenWebSocket(&dice));
  }
  EXPECT_GT(words.size(), 1500U);
}

TEST(Garbage, AMutationTakesAnyBytes) {
  Dice dice(1);
  std::set<std::string> mutated;
  for (int i = 0; i < 1000; ++i) mutated.insert(Mutated("abc", &dice));
  EXPECT_TRUE(mutated.contains("abc"));
  EXPECT_GT(mutated.size(), 100U);
  EXPECT_EQ(Mutated("", &dice), "");
}

}  // namespace
}  // namespace esockets::soak
