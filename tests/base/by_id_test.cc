#include "base/by_id.h"

#include <cstdint>
#include <vector>

#include "absl/container/btree_set.h"
#include "gtest/gtest.h"

namespace esockets::base {
namespace {

class Thing {
 public:
  explicit Thing(uint64_t id) : id_(id) {}
  uint64_t id() const { return id_; }

 private:
  uint64_t id_;
};

TEST(ById, OrdersObjectsAndFindsThemByTheirIds) {
  // The addresses rise, the ids fall.
  std::vector<Thing> things = {Thing(UINT64_MAX), Thing(7), Thing(0)};
  absl::btree_set<Thing*, ById<Thing>> set;
  for (Thing& thing : things) set.insert(&thing);
  EXPECT_EQ(std::vector<Thing*>(set.begin(), set.end()),
            (std::vector<Thing*>{&things[2], &things[1], &things[0]}));
  EXPECT_EQ(*set.find(uint64_t{7}), &things[1]);
  EXPECT_EQ(set.find(uint64_t{8}), set.end());
  EXPECT_EQ(*set.upper_bound(uint64_t{7}), &things[0]);
  Thing same(7);
  EXPECT_FALSE(set.insert(&same).second) << "there is one with this id";
}

}  // namespace
}  // namespace esockets::base
