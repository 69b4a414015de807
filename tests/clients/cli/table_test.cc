#include "clients/cli/table.h"

#include "gtest/gtest.h"

namespace esockets::cli {
namespace {

TEST(Table, AlignsWordsLeftAndNumbersRight) {
  Table table({"NAME", "COUNT>", "LAST"});
  table.Add({"a", "1", ""});
  table.Add({"longer", "12345678", "x"});
  EXPECT_EQ(table.ToString(),
            "NAME       COUNT  LAST\n"
            "a              1\n"
            "longer  12345678  x\n");
}

TEST(Table, FieldsWithAValue) {
  EXPECT_EQ(FieldLines({{"a", "1"}, {"longer", "2"}, {"a name of nothing", ""}}),
            "a                  1\n"
            "longer             2\n");
}

TEST(Table, ShortNumbers) {
  static constexpr struct {
    uint64_t number;
    std::string_view text;
  } kCases[] = {{0, "0"},
                {99'999, "99999"},
                {123'456, "123k"},
                {1'234'567, "1.2M"},
                {12'345'678, "12.3M"},
                {~uint64_t{0}, "18.4E"}};
  for (const auto& test : kCases) EXPECT_EQ(Short(test.number), test.text);
}

}  // namespace
}  // namespace esockets::cli
