#include "base/strings.h"

#include <functional>
#include <string>
#include <string_view>

#include "absl/hash/hash.h"
#include "absl/status/status.h"
#include "gtest/gtest.h"

namespace esockets::base {
namespace {

TEST(Strings, MapsAreSearchedByViewsWithoutACopy) {
  StringMap<int> map;
  map["room/42"] = 1;
  const std::string text = "in room/42 now";
  EXPECT_EQ(map.find(std::string_view(text).substr(3, 7))->second, 1);
  EXPECT_FALSE(map.contains(std::string_view(text).substr(3, 6)));
}

TEST(Strings, HashHasASecret) {
  const std::string_view key = "a key that a client chose";
  const absl::Hash<size_t> mix;
  EXPECT_EQ(StringHash()(key), absl::Hash<absl::string_view>()(ToAbsl(key)));
  EXPECT_NE(StringHash()(key), mix(std::hash<std::string_view>()(key)));
}

TEST(Strings, CatAppendAndErrorTakeViews) {
  std::string text = StrCat("port ", 1234, std::string_view(" in use"));
  EXPECT_EQ(text, "port 1234 in use");
  StrAppend(&text, std::string_view(": "), true);
  EXPECT_EQ(text, "port 1234 in use: 1");
  const absl::Status status = Error(absl::StatusCode::kNotFound, std::string_view("no file "), 7);
  EXPECT_EQ(status.code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Message(status), "no file 7");
  EXPECT_EQ(ToStd(ToAbsl("x")), "x");
}

}  // namespace
}  // namespace esockets::base
