#include "clients/cli/presence_lines.h"

#include "gtest/gtest.h"

namespace esockets::cli {
namespace {

const client::PresenceMember kAnn{
    .client_id = "ann", .name = "Ann", .metadata = {{"colour", "red"}, {"x", "\n"}}};
const client::PresenceMember kBob{.client_id = "bob"};

TEST(PresenceLines, ARosterIsALineForEachAndTheCount) {
  EXPECT_EQ(FormatRoster("room/1", {.first = true, .joined = {kAnn, kBob}, .count = 2}),
            "ann\tAnn\tcolour=red x=\\n\nbob\n2 on room/1\n");
  EXPECT_EQ(FormatRoster("room/1", {.first = true}), "0 on room/1\n");
}

TEST(PresenceLines, NewsSayWhoCameAndWhoLeft) {
  EXPECT_EQ(FormatNews("room/1", {.joined = {kBob}, .left = {kAnn}, .count = 7}),
            "+ bob\n- ann\tAnn\tcolour=red x=\\n\n7 on room/1\n");
}

TEST(PresenceLines, JsonIsOneObject) {
  EXPECT_EQ(
      FormatRosterJson("room/1", {.first = true, .joined = {kBob}, .count = 1}),
      R"({"topic":"room/1","count":1,"members":[{"client_id":"bob","name":"","metadata":{}}]})"
      "\n");
  EXPECT_EQ(FormatNewsJson("r", {.left = {kAnn}, .count = 0}),
            R"({"topic":"r","count":0,"joined":[],"left":[{"client_id":"ann","name":"Ann",)"
            R"("metadata":{"colour":"red","x":"\n"}}]})"
            "\n");
}

}  // namespace
}  // namespace esockets::cli
