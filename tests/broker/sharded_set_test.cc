#include "broker/sharded_set.h"

#include <memory>
#include <random>
#include <set>
#include <string>
#include <string_view>

#include "base/strings.h"
#include "broker/text_object.h"
#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

struct Name final : TextObject<Name> {
  using KeyHash = base::StringHash;

  std::string_view key() const { return text(); }
};

TEST(ShardedSet, FindsWhatIsThere) {
  ShardedSet<Name> names;
  EXPECT_EQ(names.Find("a"), nullptr);
  Name* a = names.Insert(Name::Make("a"));
  Name* empty = names.Insert(Name::Make(""));
  EXPECT_EQ(names.Find("a"), a);
  EXPECT_EQ(names.Find(""), empty);
  EXPECT_EQ(names.Find("b"), nullptr);
  EXPECT_EQ(names.size(), 2u);
  names.Erase(a);
  EXPECT_EQ(names.Find("a"), nullptr);
  EXPECT_EQ(names.size(), 1u);
}

TEST(ShardedSet, ObjectsStayAndTablesShrink) {
  ShardedSet<Name> names;
  const size_t unused = names.table_bytes();
  Name* first = names.Insert(Name::Make("first"));
  for (int i = 0; i < 50000; ++i) names.Insert(Name::Make(std::to_string(i)));
  EXPECT_EQ(names.Find("first"), first);
  EXPECT_GT(names.table_bytes(), unused + 50000 * sizeof(void*));
  for (int i = 0; i < 50000; ++i) names.Erase(names.Find(std::to_string(i)));
  EXPECT_EQ(names.Find("first"), first);
  EXPECT_LE(names.table_bytes(), unused + size_t{64} * 8 * sizeof(void*));
}

TEST(ShardedSet, BehavesLikeASet) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  ShardedSet<Name> names;
  std::set<std::string> expected;
  for (int step = 0; step < 50000; ++step) {
    const std::string key = std::to_string(random() % 1000);
    Name* found = names.Find(key);
    ASSERT_EQ(found != nullptr, expected.count(key) == 1);
    if (found == nullptr) {
      names.Insert(Name::Make(key));
      expected.insert(key);
    } else {
      ASSERT_EQ(found->text(), key);
      names.Erase(found);
      expected.erase(key);
    }
    ASSERT_EQ(names.size(), expected.size());
  }
}

}  // namespace
}  // namespace esockets::broker
