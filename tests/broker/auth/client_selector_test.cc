#include "broker/auth/client_selector.h"

#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

const Identity kAnn{
    .user = "ann", .groups = {"staff", "ops"}, .claims = {{"tenant", "acme"}, {"level", "3"}}};

TEST(ClientSelector, WithoutListsItIsForEverybody) {
  EXPECT_TRUE(ClientSelector{}.Fits(kAnn));
  EXPECT_TRUE(ClientSelector{}.Fits({.user = ""}));
}

TEST(ClientSelector, OneOfEachListMustFit) {
  EXPECT_TRUE((ClientSelector{.users = {"bob", "ann"}, .groups = {}, .claims = {}}).Fits(kAnn));
  EXPECT_FALSE((ClientSelector{.users = {"bob"}, .groups = {}, .claims = {}}).Fits(kAnn));
  EXPECT_TRUE((ClientSelector{.users = {}, .groups = {"ops"}, .claims = {}}).Fits(kAnn));
  EXPECT_FALSE((ClientSelector{.users = {"ann"}, .groups = {"guests"}, .claims = {}}).Fits(kAnn));
  EXPECT_TRUE(
      (ClientSelector{.users = {}, .groups = {}, .claims = {{"tenant", "acme"}}}).Fits(kAnn));
  EXPECT_FALSE((ClientSelector{.users = {}, .groups = {}, .claims = {{"tenant", "3"}}}).Fits(kAnn));
  EXPECT_FALSE(
      (ClientSelector{.users = {}, .groups = {}, .claims = {{"other", "acme"}}}).Fits(kAnn));
}

TEST(ClientSelector, AListOfUsersIsNotForWhoHasNoName) {
  EXPECT_FALSE((ClientSelector{.users = {"ann"}, .groups = {}, .claims = {}}).Fits({.user = ""}));
}

}  // namespace
}  // namespace esockets::broker
