#include "clients/cpp/dispatcher.h"

#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace esockets::client {
namespace {

struct Counter : Subscriber {
  void OnMessage(const MessageView&) override { ++messages; }
  void OnEnd(const absl::Status&) override {}
  int messages = 0;
};

MessageView On(std::string_view topic) {
  MessageView view;
  view.topic = topic;
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
    EXPECT_EQ(dispatcher.Find(filter)->options.max_backlog_messages, 2u);  // the newest rule
    EXPECT_EQ(dispatcher.Dispatch(On("a")), 2u);
    bool last = true;
    EXPECT_NE(dispatcher.Remove(filter, 1, &last), nullptr);
    EXPECT_FALSE(last);
    EXPECT_EQ(dispatcher.Remove(filter, 1, &last), nullptr);
    EXPECT_NE(dispatcher.Remove(filter, 2, &last), nullptr);
    EXPECT_TRUE(last);
    EXPECT_EQ(dispatcher.Find(filter), nullptr);
    EXPECT_EQ(dispatcher.Dispatch(On("a")), 0u);
  }
}

TEST(Dispatcher, ListsAndRemovesWholeFilters) {
  Dispatcher dispatcher;
  dispatcher.Add("a", {}, {1, std::make_shared<Counter>()});
  dispatcher.Add("a/#", {}, {2, std::make_shared<Counter>()});
  EXPECT_EQ(dispatcher.Filters().size(), 2u);
  EXPECT_EQ(dispatcher.RemoveAll("a/#").subscribers.size(), 1u);
  EXPECT_TRUE(dispatcher.RemoveAll("a/#").subscribers.empty());
  EXPECT_EQ(dispatcher.Filters(), std::vector<std::string>{"a"});
}

}  // namespace
}  // namespace esockets::client
