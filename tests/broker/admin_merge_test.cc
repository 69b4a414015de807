#include "broker/admin_merge.h"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "proto/admin.pb.h"

namespace esockets::broker {
namespace {

std::string Page(const std::vector<uint64_t>& sessions, bool more) {
  admin::Clients page;
  for (const uint64_t session : sessions) page.add_clients()->set_session_id(session);
  page.set_more(more);
  return page.SerializeAsString();
}

struct Merged {
  std::vector<uint64_t> sessions;
  bool more;
  bool operator==(const Merged&) const = default;
};

Merged MergePagesOf(const std::vector<std::string>& pages, uint32_t limit) {
  admin::ClientsRequest request;
  request.set_limit(limit);
  admin::Clients merged;
  EXPECT_TRUE(
      merged.ParseFromString(MergeReplies("$SYS/clients", request.SerializeAsString(), pages, {})));
  Merged result{{}, merged.more()};
  for (const auto& client : merged.clients()) result.sessions.push_back(client.session_id());
  return result;
}

TEST(AdminMerge, PagesAreInOrderAndNoneIsSkipped) {
  const struct {
    const char* what;
    std::vector<std::string> pages;
    uint32_t limit;
    Merged merged;
  } cases[] = {
      {"all", {Page({1, 4}, false), Page({2, 3}, false)}, 9, {{1, 2, 3, 4}, false}},
      {"cut", {Page({1, 4}, false), Page({2, 3}, false)}, 3, {{1, 2, 3}, true}},
      {"a loop has more behind 2", {Page({1, 2}, true), Page({4, 5}, false)}, 9, {{1, 2}, true}},
      {"both have more", {Page({1, 6}, true), Page({2, 3}, true)}, 9, {{1, 2, 3}, true}},
      {"nobody", {Page({}, false), Page({}, false)}, 9, {{}, false}},
  };
  for (const auto& c : cases) EXPECT_EQ(MergePagesOf(c.pages, c.limit), c.merged) << c.what;
}

TEST(AdminMerge, SubscriptionsOfASessionAreInTheOrderOfFilters) {
  admin::Subscriptions first;
  first.add_subscriptions()->set_filter("b");
  admin::Subscriptions second;
  second.add_subscriptions()->set_filter("a");
  admin::Subscriptions merged;
  ASSERT_TRUE(merged.ParseFromString(MergeReplies(
      "$SYS/subscriptions", "", {first.SerializeAsString(), second.SerializeAsString()}, {})));
  ASSERT_EQ(merged.subscriptions_size(), 2);
  EXPECT_EQ(merged.subscriptions(0).filter(), "a");
}

TEST(AdminMerge, TracesAreOnePageAndTheReceiversOfAllLoops) {
  admin::Trace first;
  first.set_receivers(3);
  for (const char* filter : {"b", "d"}) first.add_entries()->set_filter(filter);
  first.set_more(true);
  first.add_groups()->set_group("one");
  admin::Trace second;
  second.add_groups()->set_group("other");
  second.set_receivers(4);
  for (const char* filter : {"a", "c", "e"}) second.add_entries()->set_filter(filter);
  admin::Trace merged;
  ASSERT_TRUE(merged.ParseFromString(
      MergeReplies("$SYS/trace", "", {first.SerializeAsString(), second.SerializeAsString()}, {})));
  EXPECT_EQ(merged.receivers(), 7U);
  EXPECT_TRUE(merged.more());
  std::string filters;
  ASSERT_EQ(merged.groups_size(), 2);
  EXPECT_EQ(merged.groups(1).group(), "other");
  for (const admin::TraceEntry& entry : merged.entries()) filters += entry.filter();
  EXPECT_EQ(filters, "abcd") << "the first loop may have one in front of e";

  admin::Trace refused;
  refused.set_refused("why");
  ASSERT_TRUE(merged.ParseFromString(MergeReplies(
      "$SYS/trace", "", {refused.SerializeAsString(), refused.SerializeAsString()}, {})));
  EXPECT_EQ(merged.refused(), "why");
}

TEST(AdminMerge, EachStreamIsPutTogetherAndNoneIsSkipped) {
  const auto add = [](admin::Streams* page, const char* name, uint64_t readers, uint64_t last) {
    admin::Stream& stream = *page->add_streams();
    stream.set_name(name);
    stream.set_readers(readers);
    stream.set_last_position(last);
  };
  admin::Streams first;
  add(&first, "a", 2, 7);
  add(&first, "b", 0, 0);
  add(&first, "c", 1, 0);
  admin::Streams second;
  add(&second, "a", 3, 0);
  add(&second, "b", 1, 9);
  second.set_more(true);
  for (const bool swapped : {false, true}) {
    std::vector<std::string> replies = {first.SerializeAsString(), second.SerializeAsString()};
    if (swapped) std::swap(replies[0], replies[1]);
    admin::Streams merged;
    ASSERT_TRUE(merged.ParseFromString(MergeReplies("$SYS/streams", "", replies, {})));
    ASSERT_EQ(merged.streams_size(), 2) << "the second loop has not told of c yet";
    EXPECT_TRUE(merged.more());
    EXPECT_EQ(merged.streams(0).readers(), 5U);
    EXPECT_EQ(merged.streams(0).last_position(), 7U);
    EXPECT_EQ(merged.streams(1).readers(), 1U);
    EXPECT_EQ(merged.streams(1).last_position(), 9U);
  }
}

TEST(AdminMerge, NumbersAreAdded) {
  admin::Info info;
  info.set_server("s");
  info.set_clients(2);
  info.set_backlog_bytes(10);
  info.add_loop()->set_index(1);
  admin::Info other = info;
  other.mutable_loop(0)->set_index(0);
  admin::Info merged;
  ASSERT_TRUE(merged.ParseFromString(
      MergeReplies("$SYS/info", "", {info.SerializeAsString(), other.SerializeAsString()}, {})));
  EXPECT_EQ(merged.clients(), 4u);
  EXPECT_EQ(merged.backlog_bytes(), 20u);
  EXPECT_EQ(merged.server(), "s");
  ASSERT_EQ(merged.loop_size(), 2);
  EXPECT_EQ(merged.loop(0).index(), 0u);

  admin::Metrics metrics;
  metrics.add_metrics()->set_name("x");
  metrics.mutable_metrics(0)->set_value(3);
  admin::Metrics sum;
  ASSERT_TRUE(sum.ParseFromString(MergeReplies(
      "$SYS/metrics", "", {metrics.SerializeAsString(), metrics.SerializeAsString()}, {})));
  EXPECT_EQ(sum.metrics(0).value(), 6u);

  admin::Drain drain;
  drain.set_clients(5);
  admin::Drain drained;
  ASSERT_TRUE(drained.ParseFromString(
      MergeReplies("$SYS/drain", "", {drain.SerializeAsString(), drain.SerializeAsString()}, {})));
  EXPECT_EQ(drained.clients(), 10u);
}

}  // namespace
}  // namespace esockets::broker
