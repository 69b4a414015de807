#include "broker/errors.h"

#include <cctype>
#include <set>
#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

template <typename Code>
void CheckTable(std::span<const CodeInfo<Code>> all, uint32_t first, uint32_t last) {
  std::set<std::string_view> names;
  uint32_t previous = first - 1;
  for (const auto& info : all) {
    SCOPED_TRACE(std::string(info.name));
    const auto number = static_cast<uint32_t>(info.code);
    EXPECT_GT(number, previous) << "Info() searches by number";
    EXPECT_LE(number, last);
    previous = number;
    EXPECT_TRUE(names.insert(info.name).second);
    for (const char c : info.name) EXPECT_TRUE(std::isupper(c) != 0 || c == '_');
    ASSERT_FALSE(info.text.empty());
    EXPECT_NE(info.text.back(), '.') << "text continues with \": detail\"";
    ASSERT_FALSE(info.advice.empty());
    EXPECT_EQ(info.advice.back(), '.') << "advice is a sentence";
    EXPECT_EQ(&Info(info.code), &info);
  }
}

TEST(Errors, TableIsOrderedNamedAndFound) { CheckTable(AllErrors(), 100, 199); }

TEST(Closes, TableIsOrderedNamedAndFound) { CheckTable(AllCloses(), 200, 299); }

TEST(Closes, TakenOverIsNotRetryable) {
  EXPECT_FALSE(Info(CloseCode::kTakenOver).retryable);
  EXPECT_TRUE(Info(CloseCode::kShuttingDown).retryable);
}

}  // namespace
}  // namespace esockets::broker
