#include "broker/trace_view.h"

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/permissions/permission_policy.h"
#include "broker/permissions/permission_rule.h"
#include "broker/settings_change.h"
#include "gtest/gtest.h"
#include "proto/admin.pb.h"
#include "proto/esockets.pb.h"
#include "tests/support/sim_client.h"

namespace esockets::broker {
namespace {

using tests::SimBroker;
using tests::SimClient;
using Texts = std::vector<std::string>;

Settings LowMark() {
  Settings settings;
  settings.limits.high_watermark_bytes = 100;
  return settings;
}

class TraceViewTest : public testing::Test {
 protected:
  // What the broker says to the request; nothing but an error is a Trace that is empty.
  admin::Trace Ask(const admin::TraceRequest& request) {
    broker_.executor.AssertOnLoop();
    broker_.Turn();
    administrator_.sink.TakeFrames();
    administrator_.Request("$SYS/trace", request.SerializeAsString());
    broker_.Turn();
    admin::Trace reply;
    const std::vector<ServerFrame> frames = administrator_.sink.TakeFrames();
    EXPECT_EQ(frames.size(), 1U);
    error_.clear();
    if (frames.size() != 1) return reply;
    if (frames[0].has_error()) {
      error_ = std::to_string(frames[0].error().code()) + " " + frames[0].error().detail();
    } else {
      EXPECT_TRUE(reply.ParseFromString(frames[0].message().payload()));
    }
    return reply;
  }
  admin::Trace Ask(std::string_view topic, std::string_view client_id = {}) {
    admin::TraceRequest request;
    request.set_topic(std::string(topic));
    request.set_client_id(std::string(client_id));
    return Ask(request);
  }
  // "client filter outcome" of each; with a '+' if it receives.
  static Texts Lines(const admin::Trace& trace) {
    Texts lines;
    for (const admin::TraceEntry& entry : trace.entries()) {
      EXPECT_EQ(entry.permitted(), entry.outcome() != "not_permitted");
      EXPECT_NE(entry.why(), "");
      lines.push_back(entry.client_id() + " " + entry.filter() + " " + entry.outcome() +
                      (entry.receives() ? " +" : ""));
    }
    return lines;
  }
  // Its client reads no more; messages that its socket still took are not in the backlog.
  void FallBehind(SimClient* client) {
    broker_.executor.AssertOnLoop();
    client->Subscribe("filler");
    broker_.Turn();
    client->sink.set_window(0);
    while (!client->session().outbox().behind()) {
      publisher_.Publish("filler", "a payload of some bytes");
      broker_.Turn();
    }
    client->Unsubscribe("filler");
    broker_.Turn();
  }
  void Publish(std::string_view topic, int messages, std::string_view key = {}) {
    broker_.executor.AssertOnLoop();
    for (int i = 0; i < messages; ++i) publisher_.Publish(topic, "p", {std::string(key), 0});
    broker_.Turn();
  }

  SimBroker broker_{LowMark()};
  SimClient publisher_{&broker_, "publisher"};
  SimClient administrator_{&broker_, "administrator"};
  std::string error_;
};

TEST_F(TraceViewTest, NobodyReceivesWhatNobodyWants) {
  const admin::Trace trace = Ask("a/b");
  EXPECT_EQ(trace.receivers(), 0U);
  EXPECT_EQ(trace.entries_size(), 0);
  EXPECT_EQ(trace.refused(), "");
  EXPECT_FALSE(trace.more());
}

TEST_F(TraceViewTest, ThoseThatMatchInTheOrderOfSessionAndFilter) {
  broker_.executor.AssertOnLoop();
  SimClient ann(&broker_, "ann"), bob(&broker_, "bob"), eve(&broker_, "eve");
  bob.Subscribe("a/b");
  for (const char* filter : {"x", "a/+", "#"}) ann.Subscribe(filter);
  eve.Subscribe("b/#");
  const admin::Trace trace = Ask("a/b");
  ASSERT_EQ(trace.entries_size(), 3);
  EXPECT_EQ(trace.receivers(), 2U);
  EXPECT_EQ(trace.entries(0).client_id() + trace.entries(0).filter(), "ann#");
  EXPECT_EQ(trace.entries(1).client_id() + trace.entries(1).filter(), "anna/+");
  EXPECT_NE(trace.entries(0).receives(), trace.entries(1).receives()) << "once";
  EXPECT_EQ(Lines(trace)[2], "bob a/b delivered +");
  EXPECT_EQ(trace.entries(2).why(), "keeps up");
  EXPECT_EQ(trace.entries(2).overflow(), "DROP_OLDEST");
  EXPECT_EQ(trace.entries(2).session_id(), bob.session().id());
}

TEST_F(TraceViewTest, NothingIsDeliveredAndNothingChanges) {
  broker_.executor.AssertOnLoop();
  SimClient ann(&broker_, "ann"), late(&broker_, "late");
  ann.Subscribe("a");
  late.Subscribe("a", {.messages_max = 2});
  FallBehind(&late);
  Publish("a", 3);
  ann.Lines();
  const Outbox& outbox = late.session().outbox();
  const uint64_t dropped = outbox.dropped_messages_total();
  EXPECT_EQ(Lines(Ask("a")), (Texts{"ann a delivered +", "late a drops_oldest +"}));
  EXPECT_EQ(Lines(Ask("a")), (Texts{"ann a delivered +", "late a drops_oldest +"}));
  EXPECT_EQ(ann.Lines(), Texts());
  EXPECT_EQ(ann.session().outbox().delivered_messages_total(), 3U);
  EXPECT_EQ(outbox.backlog_messages(), 2U);
  EXPECT_EQ(outbox.dropped_messages_total(), dropped);
  EXPECT_EQ(broker_.shard.metrics.unmatched_messages_total.value(), 0U);
}

// What is said is what happens: each is asked first, and then published.
TEST_F(TraceViewTest, TheStrictestGovernsAndIsTheOneThatDelivers) {
  broker_.executor.AssertOnLoop();
  SimClient ann(&broker_, "ann");
  const auto delivered = [&ann] {
    std::map<std::string, uint64_t> totals;
    ann.session().subscriptions().ForEach([&](const Subscription& one) {
      totals[std::string(one.filter())] = one.delivered_messages_total;
    });
    return totals;
  };
  ann.Subscribe("a/+", {.overflow = OVERFLOW_DROP_NEWEST});
  ann.Subscribe("a/b", {.overflow = OVERFLOW_CONFLATE});
  ann.Subscribe("#", {.overflow = OVERFLOW_DISCONNECT});
  ann.Subscribe("a/#", {.overflow = OVERFLOW_DISCONNECT});
  for (const char* unsubscribe : {"none", "a/#", "#", "a/+"}) {
    ann.Unsubscribe(unsubscribe);
    const admin::Trace trace = Ask("a/b");
    EXPECT_EQ(trace.receivers(), 1U);
    auto before = delivered();
    Publish("a/b", 1);
    auto after = delivered();
    ASSERT_EQ(static_cast<size_t>(trace.entries_size()), after.size());
    for (const admin::TraceEntry& entry : trace.entries()) {
      const bool received = after[entry.filter()] > before[entry.filter()];
      EXPECT_EQ(entry.receives(), received) << entry.filter();
      EXPECT_EQ(entry.outcome(), received ? "delivered" : "other_subscription");
    }
  }
}

TEST_F(TraceViewTest, OneOfManyMatchingSessionsIsNeverTakenForAnother) {
  broker_.executor.AssertOnLoop();
  std::deque<SimClient> clients;
  for (int i = 0; i < 20; ++i) {
    clients.emplace_back(&broker_, "c" + std::to_string(i));
    clients.back().Subscribe("a/#", {.overflow = OVERFLOW_CONFLATE});
    clients.back().Subscribe("a/+", {.overflow = OVERFLOW_DROP_NEWEST});
  }
  const admin::Trace trace = Ask("a/b");
  EXPECT_EQ(trace.receivers(), 20U);
  ASSERT_EQ(trace.entries_size(), 40);
  for (int i = 0; i < 20; ++i) {
    EXPECT_EQ(trace.entries(2 * i).outcome(), "other_subscription");
    EXPECT_EQ(trace.entries(2 * i).why(),
              "once is enough: through \"a/+\", because DROP_NEWEST is stricter than CONFLATE");
    EXPECT_TRUE(trace.entries(2 * i + 1).receives());
  }
}

TEST_F(TraceViewTest, WhatWouldBecomeOfItForEachContract) {
  const struct {
    esockets::Overflow overflow;
    std::string_view room, full;
    std::string_view why;
  } cases[] = {
      {OVERFLOW_DROP_OLDEST, "late a waits +", "late a drops_oldest +",
       "3 of 3 messages wait; 1 message would be dropped"},
      {OVERFLOW_DROP_NEWEST, "late a waits +", "late a refused", "3 of 3 messages wait"},
      {OVERFLOW_DISCONNECT, "late a waits +", "late a disconnects", "3 of 3 messages wait"},
  };
  broker_.executor.AssertOnLoop();
  for (const auto& c : cases) {
    SimClient late(&broker_, "late");
    late.Subscribe("a", {.overflow = c.overflow, .messages_max = 3});
    FallBehind(&late);
    Publish("a", 2);
    admin::Trace trace = Ask("a");
    EXPECT_EQ(Lines(trace), Texts{std::string(c.room)});
    EXPECT_EQ(trace.entries(0).backlog_messages(), 2U);
    EXPECT_EQ(trace.receivers(), 1U);
    Publish("a", 1);
    trace = Ask("a");
    EXPECT_EQ(Lines(trace), Texts{std::string(c.full)});
    EXPECT_EQ(trace.entries(0).why(), c.why);
    EXPECT_EQ(trace.receivers(), trace.entries(0).receives() ? 1U : 0U);
    EXPECT_EQ(trace.entries(0).backlog_messages(), 3U);
  }
}

TEST_F(TraceViewTest, ConflateLooksAtTheKeyAndTheBytes) {
  broker_.executor.AssertOnLoop();
  SimClient late(&broker_, "late");
  late.Subscribe("a", {.overflow = OVERFLOW_CONFLATE, .messages_max = 2, .bytes_max = 200});
  FallBehind(&late);
  Publish("a", 1, "eur");
  Publish("a", 1, "usd");
  admin::TraceRequest request;
  request.set_topic("a");
  request.set_key("eur");
  EXPECT_EQ(Lines(Ask(request)), (Texts{"late a replaces +"}));
  EXPECT_EQ(Ask(request).entries(0).why(), "one of its topic and key waits; 2 of 2 messages wait");
  request.set_key("gbp");
  EXPECT_EQ(Lines(Ask(request)), (Texts{"late a drops_oldest +"}));
  request.set_payload_bytes(1'000);
  EXPECT_EQ(Lines(Ask(request)), (Texts{"late a refused"})) << "larger than all it may have";
}

TEST_F(TraceViewTest, TheFrameIsAsLargeAsItWouldBe) {
  broker_.executor.AssertOnLoop();
  SimClient late(&broker_, "late");
  late.Subscribe("a", {.overflow = OVERFLOW_DROP_NEWEST, .bytes_max = 1'000});
  FallBehind(&late);
  publisher_.Publish("a", std::string(300, 'x'), {"key", 0});
  broker_.Turn();
  uint64_t waiting_bytes = 0;
  late.session().subscriptions().ForEach(
      [&](const Subscription& one) { waiting_bytes = one.backlog->bytes; });
  admin::TraceRequest request;
  request.set_topic("a");
  request.set_key("key");
  request.set_payload_bytes(300);
  // As many as fit, and not one more.
  const std::string exactly = std::to_string(waiting_bytes);
  late.Subscribe("a", {.overflow = OVERFLOW_DROP_NEWEST, .bytes_max = 2 * waiting_bytes});
  EXPECT_EQ(Ask(request).entries(0).outcome(), "waits");
  late.Subscribe("a", {.overflow = OVERFLOW_DROP_NEWEST, .bytes_max = 2 * waiting_bytes - 1});
  EXPECT_EQ(Ask(request).entries(0).outcome(), "refused");
  EXPECT_EQ(Ask(request).entries(0).why(), exactly + " of " +
                                               std::to_string(2 * waiting_bytes - 1) +
                                               " bytes wait, and this one needs " + exactly);
}

TEST_F(TraceViewTest, WhatIsPublishedInFrontOfItCounts) {
  broker_.executor.AssertOnLoop();
  SimClient late(&broker_, "late");
  late.Subscribe("a");
  FallBehind(&late);
  administrator_.Publish("a", "1");
  administrator_.Request("$SYS/trace", [] {
    admin::TraceRequest request;
    request.set_topic("a");
    return request.SerializeAsString();
  }());
  broker_.Turn();
  admin::Trace trace;
  ASSERT_TRUE(trace.ParseFromString(administrator_.sink.TakeFrames().back().message().payload()));
  EXPECT_EQ(trace.entries(0).backlog_messages(), 1U);
}

TEST_F(TraceViewTest, OfOneClientThoseThatDoNotMatchAsWell) {
  broker_.executor.AssertOnLoop();
  SimClient ann(&broker_, "ann"), bob(&broker_, "bob");
  bob.Subscribe("a/b");
  for (const char* filter : {"a", "a/+", "a/c", "+/b/c"}) ann.Subscribe(filter);
  ann.Subscribe("a/b", {.overflow = OVERFLOW_CONFLATE});
  admin::Trace trace = Ask("a/b", "ann");
  EXPECT_EQ(Lines(trace), (Texts{"ann +/b/c no_match", "ann a no_match", "ann a/+ delivered +",
                                 "ann a/b other_subscription", "ann a/c no_match"}));
  EXPECT_EQ(trace.entries(0).why(),
            R"(the topic ends at level 2, the filter wants "c" at level 3)");
  EXPECT_EQ(trace.entries(1).why(), R"(level 2 is "b", the filter ends at level 1)");
  EXPECT_EQ(trace.entries(4).why(), R"(level 2 is "b", the filter wants "c")");
  EXPECT_EQ(trace.receivers(), 1U) << "this one";
  trace = Ask("a/b", "administrator");
  EXPECT_EQ(trace.receivers() + static_cast<uint64_t>(trace.entries_size()), 0U);
}

TEST_F(TraceViewTest, InPagesEachSubscriptionOnceAndAllReceiversOnEach) {
  broker_.executor.AssertOnLoop();
  std::deque<SimClient> clients;
  for (int i = 0; i < 5; ++i) {
    SimClient& client = clients.emplace_back(&broker_, "c" + std::to_string(i));
    for (const char* filter : {"#", "a/#", "a/b", "x"}) client.Subscribe(filter);
  }
  admin::TraceRequest request;
  request.set_topic("a/b");
  for (const char* client_id : {"", "c2"}) {
    request.set_client_id(client_id);
    const Texts all = Lines(Ask(request));
    EXPECT_EQ(all.size(), client_id[0] == 0 ? 15U : 4U);
    for (const uint32_t limit : {1, 2, 4, 7}) {
      request.set_limit(limit);
      Texts lines;
      for (bool more = true; more;) {
        const admin::Trace page = Ask(request);
        ASSERT_GT(page.entries_size(), 0);
        ASSERT_LE(page.entries_size(), static_cast<int>(limit));
        EXPECT_EQ(page.receivers(), client_id[0] == 0 ? 5U : 1U);
        for (const std::string& line : Lines(page)) lines.push_back(line);
        ASSERT_LE(lines.size(), all.size()) << "it goes on";
        request.set_after_session_id(page.entries().rbegin()->session_id());
        request.set_after_filter(page.entries().rbegin()->filter());
        more = page.more();
      }
      EXPECT_EQ(lines, all) << limit;
      request.clear_after_session_id(), request.clear_after_filter(), request.clear_limit();
    }
  }
}

TEST_F(TraceViewTest, NamesTheGroupsOfWhichOneMemberReceives) {
  broker_.executor.AssertOnLoop();
  SimClient ann(&broker_, "ann"), bob(&broker_, "bob");
  for (SimClient* client : {&ann, &bob}) {
    client->Subscribe("a/#", {.group = "workers", .strategy = GROUP_STRATEGY_HASH});
  }
  ann.Subscribe("a/b");
  admin::TraceRequest request;
  request.set_topic("a/b");
  const admin::Trace trace = Ask(request);
  EXPECT_EQ(trace.receivers(), 2U);
  EXPECT_EQ(trace.entries_size(), 1);
  ASSERT_EQ(trace.groups_size(), 1);
  EXPECT_EQ(trace.groups(0).filter(), "a/#");
  EXPECT_EQ(trace.groups(0).group(), "workers");
  EXPECT_EQ(trace.groups(0).strategy(), "hash");
  EXPECT_EQ(trace.groups(0).members(), 2U);
  request.set_after_session_id(1);
  EXPECT_EQ(Ask(request).groups_size(), 0) << "only on the first page";
  request.clear_after_session_id();
  request.set_client_id("bob");
  EXPECT_EQ(Ask(request).groups_size(), 0);
  request.set_client_id("");
  request.set_topic("b");
  EXPECT_EQ(Ask(request).groups_size(), 0);
}

TEST_F(TraceViewTest, WhatNobodyMayPublishIsRefusedInTheWordsOfTheError) {
  broker_.executor.AssertOnLoop();
  SimClient ann(&broker_, "ann");
  for (const char* filter : {"#", "$SYS/slow", "$OTHER/#"}) ann.Subscribe(filter);
  const std::string invalid = "the topic breaks the rules of topics: ";
  const std::string reserved = "topics below $ are published by the broker alone";
  const struct {
    std::string topic;
    uint64_t payload_bytes;
    size_t key_bytes;
    std::string refused;
  } cases[] = {
      {"", 0, 0, invalid + "topic is empty"},
      {"a/+", 0, 0, invalid + "topic to publish to contains a wildcard, '+' or '#'"},
      {std::string(1025, 'a'), 0, 0, invalid + "topic is too long"},
      {"$SYS/slow", 0, 0, reserved},
      {"$OTHER/x", 0, 0, reserved},
      {"a", 1'000'000, 0, ""},
      {"a", 1'000'001, 0, "the payload is above the limit: 1000001 bytes; limit 1000000"},
      {"a", ~uint64_t{0}, 0,
       "the payload is above the limit: 18446744073709551615 bytes; limit 1000000"},
      {"a", 0, 256, ""},
      {"a", 0, 257, "the key is above the limit: 257 bytes; limit 256"},
  };
  for (const auto& c : cases) {
    admin::TraceRequest request;
    request.set_topic(c.topic);
    request.set_payload_bytes(c.payload_bytes);
    request.set_key(std::string(c.key_bytes, 'k'));
    const admin::Trace trace = Ask(request);
    EXPECT_EQ(trace.refused(), c.refused);
    EXPECT_EQ(trace.receivers(), c.refused.empty() ? 1U : 0U);
    EXPECT_EQ(trace.entries_size(), c.refused.empty() ? 1 : 0);
  }
}

TEST_F(TraceViewTest, WhatARuleKeepsFromAClient) {
  broker_.executor.AssertOnLoop();
  SimClient ann(&broker_, "ann"), bob(&broker_, "bob");
  ann.Subscribe("#");
  bob.Subscribe("pay/1");
  std::vector<PermissionRule> rules(2);
  rules[0].actions = {Action::kSubscribe};
  rules[0].topics = {"#"};
  rules[1].name = "no pay";
  rules[1].actions = {Action::kSubscribe};
  rules[1].topics = {"pay/+"};
  rules[1].deny = true;
  Settings settings = LowMark();
  settings.permissions = std::make_shared<PermissionPolicy>(std::move(rules));
  broker_.Turn();
  ReplaceSettings(&broker_.shard, settings);
  const admin::Trace trace = Ask("pay/1");
  EXPECT_EQ(trace.receivers(), 0U);
  EXPECT_EQ(Lines(trace), (Texts{"ann # not_permitted"})) << "bob's has ended";
  EXPECT_EQ(trace.entries(0).why(), "the permission \"no pay\" denies it");
  EXPECT_EQ(Lines(Ask("chat")), (Texts{"ann # delivered +"}));
}

TEST_F(TraceViewTest, WhatCannotBeAnsweredIsAnError) {
  broker_.executor.AssertOnLoop();
  admin::TraceRequest request;
  request.set_topic("a");
  request.set_client_id("nobody");
  Ask(request);
  EXPECT_EQ(error_, "142 nobody");
  request.clear_client_id();
  request.set_after_filter("a");
  Ask(request);
  EXPECT_EQ(error_, "140 after_filter without after_session_id");
  request.set_after_session_id(1);
  request.set_after_filter("a/#/b");
  Ask(request);
  EXPECT_EQ(error_,
            "140 after_filter: '+' must be a whole level of a filter, '#' its whole last level");
  request.set_after_filter("a/#");
  request.set_limit(~0U);
  Ask(request);
  EXPECT_EQ(error_, "");
}

}  // namespace
}  // namespace esockets::broker
