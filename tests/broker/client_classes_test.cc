#include "broker/client_classes.h"

#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

std::vector<ClientClass> Three() {
  std::vector<ClientClass> classes(3);
  classes[0].name = "operators";
  classes[0].who.groups = {"ops"};
  classes[1].name = "staff inside";
  classes[1].who.groups = {"ops", "staff"};
  classes[1].listeners = {1, 2};
  classes[2].name = "outside";
  classes[2].listeners = {3};
  return classes;
}

TEST(ClientClasses, TheFirstThatFitsIsTheClientsOwn) {
  const ClientClasses classes(Three());
  const Identity ops{.user = "ann", .groups = {"staff", "ops"}};
  const Identity staff{.user = "bob", .groups = {"staff"}};
  EXPECT_EQ(classes.Of(ops, 1), 1);
  EXPECT_EQ(classes.Of(staff, 1), 2);
  EXPECT_EQ(classes.Of(staff, 2), 2);
  EXPECT_EQ(classes.Of(staff, 0), 0) << "not on this listener";
  EXPECT_EQ(classes.Of({.user = ""}, 3), 3);
  EXPECT_EQ(classes.Of({.user = ""}, 0), 0);
}

TEST(ClientClasses, FindsWhatItNumbers) {
  const ClientClasses classes(Three());
  EXPECT_EQ(classes.Find(0), nullptr);
  EXPECT_EQ(classes.Find(3)->name, "outside");
  EXPECT_EQ(classes.Find(4), nullptr) << "there were more of them";
  EXPECT_EQ(classes.all().size(), 3U);
  EXPECT_EQ(ClientClasses().Of({.user = "ann"}, 0), 0);
}

// What was published is kept under the number.
TEST(ClientClasses, AClassKeepsItsNumberWhateverElseThereIs) {
  const ClientClasses before(Three());
  std::vector<ClientClass> less = Three();
  std::swap(less[0], less[2]);
  less[1].name = "new";
  ClientClasses after(less);
  after.KeepNumbersOf(before);
  EXPECT_EQ(after.Find(3)->name, "outside");
  EXPECT_EQ(after.Find(1)->name, "operators");
  EXPECT_EQ(after.Find(2), nullptr) << "it was another's";
  EXPECT_EQ(after.Find(4)->name, "new");
  EXPECT_EQ(after.NumberOf(after.all()[0]), 3);
  EXPECT_EQ(after.Of({.user = ""}, 3), 3);
  EXPECT_EQ(ClientClasses(after).Find(4)->name, "new") << "a copy is the same";
}

TEST(ClientClasses, NumbersAreGivenAgainWhenAllHaveBeen) {
  ClientClasses classes(std::vector<ClientClass>(1));
  for (int i = 0; i < 1000; ++i) {
    std::vector<ClientClass> next(2);
    next[0].name = "stays";
    next[1].name = std::to_string(i);
    ClientClasses after(next);
    after.KeepNumbersOf(classes);
    const ClassNumber stays = after.NumberOf(after.all()[0]);
    const ClassNumber other = after.NumberOf(after.all()[1]);
    ASSERT_NE(other, 0);
    ASSERT_NE(stays, other);
    if (i > 0) {
      ASSERT_EQ(stays, classes.NumberOf(classes.all()[0]));
      ASSERT_NE(other, classes.NumberOf(classes.all()[1])) << "not at once";
    }
    classes = after;
  }
}

TEST(ClientClasses, OneTooManyIsNoConfiguration) {
  EXPECT_EQ(ClientClasses(std::vector<ClientClass>(kClientClassesMax)).all().size(), 100U);
  EXPECT_DEATH(ClientClasses(std::vector<ClientClass>(kClientClassesMax + 1)), "");
}

}  // namespace
}  // namespace esockets::broker
