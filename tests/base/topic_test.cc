#include "base/topic.h"

#include <algorithm>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "tests/support/naive_topic.h"

namespace esockets::base {
namespace {

using namespace std::string_view_literals;

constexpr TopicLimits kLimits;

std::string Levels(size_t count) {
  std::string text = "a";
  for (size_t i = 1; i < count; ++i) text += "/a";
  return text;
}

TEST(Topic, CheckOfTextThatIsNoTopicAndNoFilter) {
  const struct {
    std::string text;
    TopicError error;
  } cases[] = {
      {"", TopicError::kEmpty},
      {std::string(1024, 'a'), TopicError::kOk},
      {std::string(1025, 'a'), TopicError::kTooLong},
      {std::string(1025, '\xFF'), TopicError::kTooLong},
      {Levels(32), TopicError::kOk},
      {Levels(33), TopicError::kTooDeep},
      {std::string(31, '/'), TopicError::kOk},
      {std::string(32, '/'), TopicError::kTooDeep},
      {std::string("a\0b", 3), TopicError::kNul},
      {std::string(1, '\0'), TopicError::kNul},
      {"\xC0\x80", TopicError::kInvalidUtf8},
      {"a/\xED\xA0\x80", TopicError::kInvalidUtf8},
      {"a/\xF4\x90\x80\x80", TopicError::kInvalidUtf8},
      {"\xC3\xA4/\xE2\x82\xAC/\xF0\x9F\x98\x80", TopicError::kOk},
      {"/", TopicError::kOk},
      {"//", TopicError::kOk},
      {"a//b", TopicError::kOk},
      {" ", TopicError::kOk},
      {"$SYS/clients", TopicError::kOk},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(testing::PrintToString(c.text));
    EXPECT_EQ(CheckTopic(c.text, kLimits), c.error);
    EXPECT_EQ(CheckFilter(c.text, kLimits), c.error);
  }
}

TEST(Topic, CheckOfWildcards) {
  constexpr struct {
    std::string_view filter;
    TopicError error;
  } kCases[] = {
      {"#", TopicError::kOk},
      {"+", TopicError::kOk},
      {"+/+", TopicError::kOk},
      {"/+", TopicError::kOk},
      {"+/", TopicError::kOk},
      {"+/tennis/#", TopicError::kOk},
      {"sport/+/player1", TopicError::kOk},
      {"sport/tennis/#", TopicError::kOk},
      {"$SYS/#", TopicError::kOk},
      {"//#", TopicError::kOk},
      {"sport+", TopicError::kMisplacedWildcard},
      {"+sport", TopicError::kMisplacedWildcard},
      {"a/b+/c", TopicError::kMisplacedWildcard},
      {"++", TopicError::kMisplacedWildcard},
      {"+#", TopicError::kMisplacedWildcard},
      {"##", TopicError::kMisplacedWildcard},
      {"sport/tennis#", TopicError::kMisplacedWildcard},
      {"sport/#tennis", TopicError::kMisplacedWildcard},
      {"sport/tennis/#/ranking", TopicError::kMisplacedWildcard},
      {"#/", TopicError::kMisplacedWildcard},
      {"#/#", TopicError::kMisplacedWildcard},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.filter);
    EXPECT_EQ(CheckFilter(c.filter, kLimits), c.error);
    EXPECT_EQ(CheckTopic(c.filter, kLimits), TopicError::kWildcard);
    EXPECT_FALSE(IsLiteral(c.filter));
  }
}

TEST(Topic, LimitsAreTheCallers) {
  const TopicLimits limits{.topic_bytes_max = 5, .topic_levels_max = 2};
  EXPECT_EQ(CheckTopic("ab/cd", limits), TopicError::kOk);
  EXPECT_EQ(CheckTopic("ab/cde", limits), TopicError::kTooLong);
  EXPECT_EQ(CheckTopic("a/b/c", limits), TopicError::kTooDeep);
  EXPECT_EQ(CheckFilter("a/+", limits), TopicError::kOk);
  EXPECT_EQ(CheckFilter("a/+/#", limits), TopicError::kTooDeep);
}

TEST(Topic, EveryErrorHasItsText) {
  EXPECT_EQ(TopicErrorText(TopicError::kOk), "");
  std::vector<std::string_view> texts;
  for (int error = 1; error <= static_cast<int>(TopicError::kMisplacedWildcard); ++error) {
    const std::string_view text = TopicErrorText(static_cast<TopicError>(error));
    EXPECT_FALSE(text.empty());
    for (std::string_view other : texts) EXPECT_NE(text, other);
    texts.push_back(text);
  }
}

TEST(Topic, ReservedAndLiteral) {
  EXPECT_TRUE(IsReserved("$SYS"));
  EXPECT_TRUE(IsReserved("$"));
  EXPECT_FALSE(IsReserved("a/$SYS"));
  EXPECT_FALSE(IsReserved("/$SYS"));
  EXPECT_FALSE(IsReserved(""));
  EXPECT_TRUE(IsLiteral("a/b"));
  EXPECT_TRUE(IsLiteral("/"));
}

TEST(Topic, LevelCursorSeesEmptyLevels) {
  for (std::string_view text : {"", "a", "/", "//", "a/b", "/a/", "room/42/chat", "a//b"}) {
    SCOPED_TRACE(text);
    std::vector<std::string> levels;
    for (LevelCursor at(text); !at.done(); at.Next()) levels.emplace_back(at.level());
    EXPECT_EQ(levels, tests::NaiveLevels(text));
  }
}

struct MatchCase {
  std::string_view filter;
  std::string_view topic;
  bool matches;
};

// The examples of MQTT 5.0, section 4.7, and the corners between them.
constexpr MatchCase kMatchCases[] = {
    {"sport/tennis/player1/#", "sport/tennis/player1", true},
    {"sport/tennis/player1/#", "sport/tennis/player1/ranking", true},
    {"sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true},
    {"sport/tennis/player1/#", "sport/tennis/player12", false},
    {"sport/tennis/player1/#", "sport/tennis", false},
    {"sport/#", "sport", true},
    {"sport/#", "sport/", true},
    {"sport/#", "sports", false},
    {"#", "sport", true},
    {"#", "/", true},
    {"#", "a/b/c", true},
    {"sport/tennis/+", "sport/tennis/player1", true},
    {"sport/tennis/+", "sport/tennis/player1/ranking", false},
    {"sport/tennis/+", "sport/tennis", false},
    {"sport/+", "sport", false},
    {"sport/+", "sport/", true},
    {"sport/+/player1", "sport/tennis/player1", true},
    {"sport/+/player1", "sport//player1", true},
    {"sport/+/player1", "sport/player1", false},
    {"+", "sport", true},
    {"+", "sport/", false},
    {"+", "/finance", false},
    {"+/+", "/finance", true},
    {"/+", "/finance", true},
    {"/+", "finance", false},
    {"+/tennis/#", "sport/tennis", true},
    {"+/tennis/#", "sport/tennis/a/b", true},
    {"+/#", "a", true},
    {"+/+/#", "a", false},
    {"+/+/#", "a/b", true},
    {"/#", "/", true},
    {"/#", "", true},  // no topic, but defined all the same: an empty level
    {"a/b", "a/b", true},
    {"a/b", "a/b/", false},
    {"a/b/", "a/b", false},
    {"a/b", "A/b", false},
    {"a//b", "a//b", true},
    {"a//b", "a/b", false},
    {"a", "a/b", false},
    {"a/b", "a", false},
    {"#", "$SYS/monitor/Clients", false},
    {"+", "$SYS", false},
    {"+/monitor/Clients", "$SYS/monitor/Clients", false},
    {"+/#", "$SYS/monitor/Clients", false},
    {"$SYS/#", "$SYS/monitor/Clients", true},
    {"$SYS/#", "$SYS", true},
    {"$SYS/+", "$SYS/monitor", true},
    {"$SYS/monitor/+", "$SYS/monitor/Clients", true},
    {"$SYS/#", "SYS/monitor", false},
    {"a/+", "a/$SYS", true},
    {"a/#", "a/$SYS/b", true},
};

TEST(Topic, FilterMatches) {
  for (const MatchCase& c : kMatchCases) {
    SCOPED_TRACE(testing::Message() << c.filter << " against " << c.topic);
    EXPECT_EQ(FilterMatches(c.filter, c.topic), c.matches);
    EXPECT_EQ(tests::NaiveFilterMatches(c.filter, c.topic), c.matches);
  }
}

TEST(Topic, AgreesWithTheNaiveRulesOnRandomText) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(testing::Message() << "seed " << seed);
  std::mt19937 random(seed);
  constexpr std::string_view kBytes = "aab//+#$\0\xC3\xA4"sv;
  const TopicLimits limits{.topic_bytes_max = 10, .topic_levels_max = 4};
  auto text = [&] {
    std::string made(random() % 12, 'a');
    for (char& c : made) c = kBytes[random() % kBytes.size()];
    return made;
  };
  for (int round = 0; round < 100000; ++round) {
    const std::string a = text();
    const std::string b = text();
    SCOPED_TRACE(testing::PrintToString(a) + " " + testing::PrintToString(b));
    ASSERT_EQ(CheckTopic(a, limits), tests::NaiveCheckTopic(a, limits));
    ASSERT_EQ(CheckFilter(a, limits), tests::NaiveCheckFilter(a, limits));
    if (CheckFilter(a, limits) != TopicError::kOk) continue;
    ASSERT_EQ(IsLiteral(a), CheckTopic(a, limits) == TopicError::kOk);
    if (CheckTopic(b, limits) != TopicError::kOk) continue;
    ASSERT_EQ(FilterMatches(a, b), tests::NaiveFilterMatches(a, b));
  }
}

TEST(Topic, FiltersOverlapWhereATopicMatchesBoth) {
  const struct {
    std::string_view a;
    std::string_view b;
    bool overlap;
  } kCases[] = {
      {"a", "a", true},         {"a", "b", false},          {"a/#", "a", true},
      {"a/#", "a/b/c", true},   {"a/#", "b/#", false},      {"#", "a/+/c", true},
      {"a/+", "+/b", true},     {"a/+", "+/b/c", false},    {"+/b/#", "a/+", true},
      {"a/b/#", "a/+/c", true}, {"a/+", "a", false},        {"#", "$SYS/x", false},
      {"$SYS/#", "+/x", false}, {"$SYS/#", "$SYS/+", true},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(testing::Message() << c.a << " and " << c.b);
    EXPECT_EQ(FiltersOverlap(c.a, c.b), c.overlap);
    EXPECT_EQ(FiltersOverlap(c.b, c.a), c.overlap);
  }
}

// All with up to three of these levels.
std::vector<std::string> Grown(const std::vector<std::string>& levels) {
  std::vector<std::string> all = levels;
  for (size_t done = 0; done < all.size(); ++done) {
    const std::string one = all[done];
    if (one.ends_with('#') || std::count(one.begin(), one.end(), '/') == 2) continue;
    for (const std::string& level : levels) all.push_back(one + "/" + level);
  }
  return all;
}

// Of the shortest topics there is one, if there is any.
TEST(Topic, FiltersOverlapAndCoverAsTryingSays) {
  const std::vector<std::string> topics = Grown({"a", "b", "$"});
  const std::vector<std::string> filters = Grown({"a", "$", "+", "#"});
  for (const std::string& a : filters) {
    for (const std::string& b : filters) {
      bool overlap = false;
      bool covers = true;
      for (const std::string& topic : topics) {
        overlap |= FilterMatches(a, topic) && FilterMatches(b, topic);
        covers &= FilterMatches(a, topic) || !FilterMatches(b, topic);
      }
      ASSERT_EQ(FiltersOverlap(a, b), overlap) << a << " and " << b;
      // A filter as long as the longest of these topics matches longer ones too.
      if (std::count(b.begin(), b.end(), '/') == 2) continue;
      ASSERT_EQ(FilterCovers(a, b), covers) << a << " and " << b;
    }
  }
}

TEST(Topic, AFilterCoversWhatMatchesLess) {
  EXPECT_TRUE(FilterCovers("chat/#", "chat/+/log"));
  EXPECT_TRUE(FilterCovers("chat/+/#", "chat/1/#"));
  EXPECT_FALSE(FilterCovers("chat/+/#", "chat/#"));
  EXPECT_FALSE(FilterCovers("chat/+", "#"));
  EXPECT_FALSE(FilterCovers("#", "$SYS/slow"));
}

}  // namespace
}  // namespace esockets::base
