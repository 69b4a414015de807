#include "server/http/status.h"

#include <set>
#include <string_view>

#include "gtest/gtest.h"

namespace esockets::http {
namespace {

TEST(StatusTest, TheyAreInOrderAndEachHasAPhraseOfItsOwn) {
  Status last{};
  std::set<std::string_view> phrases;
  for (const Status status : AllStatuses()) {
    EXPECT_GT(status, last);
    last = status;
    EXPECT_TRUE(phrases.insert(Phrase(status)).second) << Phrase(status);
  }
  EXPECT_EQ(Phrase(Status::kUpgradeRequired), "Upgrade Required");
}

}  // namespace
}  // namespace esockets::http
