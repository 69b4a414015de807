#include "clients/cpp/dispatcher.h"

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "gtest/gtest.h"

namespace esockets::client {
namespace {

struct Counter : Subscriber {
  void OnMessage(const MessageView&) override { ++messages; }
  void OnEnd(const absl::Status&) override {}
  int messages = 0;
};

MessageView On(std::string_view topic, std::string_view group = {}) {
  MessageView view;
  view.topic = topic;
  view.group = group;
  return view;
}

TEST(Dispatcher, GivesToEverySubscriberThatMatches) {
  static constexpr struct {
    std::string_view filter;
    std::string_view topic;
    size_t count;
  } kCases[] = {{"a/b", "a/b", 1},  {"a/b", "a", 0}, {"a/+", "a/b", 1}, {"#", "a/b", 1},
                {"#", "$SYS/x", 0}, {"a/#", "a", 1}, {"+", "a/b", 0}};
  for (const auto& test : kCases) {
    Dispatcher dispatcher;
    const auto counter = std::make_shared<Counter>();
    dispatcher.Add(test.filter, {}, {1, counter});
    EXPECT_EQ(dispatcher.Dispatch(On(test.topic)), test.count) << test.filter << " " << test.topic;
    EXPECT_EQ(counter->messages, static_cast<int>(test.count));
  }
}

TEST(Dispatcher, SeveralSubscribersToOneFilterLeaveOneByOne) {
  for (const std::string filter : {"a", "+"}) {
    Dispatcher dispatcher;
    dispatcher.Add(filter, {.max_backlog_messages = 1}, {1, std::make_shared<Counter>()});
    dispatcher.Add(filter, {.max_backlog_messages = 2}, {2, std::make_shared<Counter>()});
    EXPECT_EQ(dispatcher.Find({filter})->options.max_backlog_messages, 2u);  // the newest rule
    EXPECT_EQ(dispatcher.Dispatch(On("a")), 2u);
    bool last = true;
    EXPECT_NE(dispatcher.Remove({filter}, 1, &last), nullptr);
    EXPECT_FALSE(last);
    EXPECT_EQ(dispatcher.Remove({filter}, 1, &last), nullptr);
    EXPECT_NE(dispatcher.Remove({filter}, 2, &last), nullptr);
    EXPECT_TRUE(last);
    EXPECT_EQ(dispatcher.Find({filter}), nullptr);
    EXPECT_EQ(dispatcher.Dispatch(On("a")), 0u);
  }
}

TEST(Dispatcher, AMessageOfAGroupIsForThatGroupAlone) {
  static constexpr struct {
    std::string_view topic;
    std::string_view group;
    std::string_view takers;
  } kCases[] = {{"jobs/1", "", "plain "},         {"jobs/1", "workers", "workers "},
                {"jobs/1", "auditors", "all "},   {"other", "workers", ""},
                {"other", "auditors", "all "},    {"jobs/1", "nobody", ""},
                {"reports/1", "workers", "more "}};
  static constexpr struct {
    const char* name;
    const char* filter;
    const char* group;
  } kSubscriptions[] = {{"plain ", "jobs/1", ""},
                        {"workers ", "jobs/+", "workers"},
                        {"more ", "reports/1", "workers"},
                        {"all ", "#", "auditors"}};
  Dispatcher dispatcher;
  std::vector<std::shared_ptr<Counter>> counters;
  for (const auto& subscription : kSubscriptions) {
    counters.push_back(std::make_shared<Counter>());
    dispatcher.Add(subscription.filter, {.group = subscription.group}, {1, counters.back()});
  }
  for (const auto& test : kCases) {
    EXPECT_EQ(dispatcher.Dispatch(On(test.topic, test.group)), test.takers.empty() ? 0U : 1U);
    std::string takers;
    for (size_t i = 0; i < counters.size(); ++i) {
      if (std::exchange(counters[i]->messages, 0) > 0) takers += kSubscriptions[i].name;
    }
    EXPECT_EQ(takers, test.takers) << test.topic << " for " << test.group;
  }
}

TEST(Dispatcher, GroupsHaveFiltersOfTheirOwn) {
  Dispatcher dispatcher;
  for (const std::string group : {"", "workers", "auditors"}) {
    dispatcher.Add("a", {.group = group}, {1, std::make_shared<Counter>()});
    dispatcher.Add("a/#", {.group = group}, {2, std::make_shared<Counter>()});
    EXPECT_EQ(dispatcher.Overlapping({"a/+/b", group}).size(), 1U);
    EXPECT_EQ(dispatcher.Overlapping({"a", group}).size(), 1U);
    EXPECT_EQ(dispatcher.Overlapping({"b", group}).size(), 0U);
  }
  EXPECT_TRUE(dispatcher.Overlapping({"#", "nobody"}).empty());
  EXPECT_EQ(dispatcher.Names().size(), 6U);
  bool last = false;
  EXPECT_EQ(dispatcher.Remove({"a", "nobody"}, 1, &last), nullptr);
  EXPECT_NE(dispatcher.Remove({"a", "workers"}, 1, &last), nullptr);
  EXPECT_TRUE(last);
  EXPECT_EQ(dispatcher.RemoveAll({"a/#", "workers"}).subscribers.size(), 1U);
  EXPECT_EQ(dispatcher.Dispatch(On("a", "workers")), 0U);
  EXPECT_EQ(dispatcher.Dispatch(On("a", "auditors")), 2U);
  EXPECT_EQ(dispatcher.Dispatch(On("a")), 2U);
  EXPECT_EQ(dispatcher.Names().size(), 4U);
}

TEST(Dispatcher, ListsAndRemovesWholeFilters) {
  Dispatcher dispatcher;
  dispatcher.Add("a", {}, {1, std::make_shared<Counter>()});
  dispatcher.Add("a/#", {}, {2, std::make_shared<Counter>()});
  EXPECT_EQ(dispatcher.Names().size(), 2u);
  EXPECT_EQ(dispatcher.RemoveAll({"a/#"}).subscribers.size(), 1u);
  EXPECT_TRUE(dispatcher.RemoveAll({"a/#"}).subscribers.empty());
  EXPECT_EQ(dispatcher.Names(), std::vector<SubscriptionName>{{"a"}});
}

}  // namespace
}  // namespace esockets::client
