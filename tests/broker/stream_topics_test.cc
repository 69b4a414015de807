#include "broker/stream_topics.h"

#include <cstdint>
#include <vector>

#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

TEST(StreamTopics, CountsTheMessagesOfEachTopicAndForgetsThoseWithoutAny) {
  StreamTopics topics;
  const uint32_t a = topics.FindOrAdd("a");
  EXPECT_EQ(topics.FindOrAdd("a"), a);
  EXPECT_NE(topics.FindOrAdd("b"), a);
  EXPECT_EQ(topics.Add(a, 1, true), 1U);
  EXPECT_EQ(topics.Add(a, 5, true), 2U);
  EXPECT_EQ(topics.OldestPosition(a), 1U);
  topics.Remove(a, 1);
  EXPECT_EQ(topics.OldestPosition(a), 5U);
  EXPECT_EQ(topics[a].messages, 1U);
  topics.Remove(a, 5);
  EXPECT_EQ(topics.Find("a"), std::nullopt);
  EXPECT_EQ(topics.size(), 1U);
  EXPECT_EQ(topics.FindOrAdd("c"), a) << "the slot is used again";
  EXPECT_EQ(topics[a].last_ordinal, 0U);
}

TEST(StreamTopics, PositionsMoveUpAndKeepTheirOrder) {
  StreamTopics topics;
  const uint32_t a = topics.FindOrAdd("a");
  for (uint64_t position = 1; position <= 1'000; ++position) topics.Add(a, position, true);
  for (uint64_t position = 1; position < 1'000; ++position) {
    ASSERT_EQ(topics.OldestPosition(a), position);
    topics.Remove(a, position);
    ASSERT_LE(topics[a].positions.size(), 2 * topics[a].messages + 32);
  }
}

TEST(StreamTopics, OneInTheMiddleGoesAndTheOthersStay) {
  StreamTopics topics;
  const uint32_t a = topics.FindOrAdd("a");
  for (const uint64_t position : {2U, 4U, 6U, 8U}) topics.Add(a, position, true);
  topics.Remove(a, 2);
  topics.Remove(a, 6);
  EXPECT_EQ(topics[a].messages, 2U);
  EXPECT_EQ(std::vector<uint64_t>(topics.PositionsOf(a).begin(), topics.PositionsOf(a).end()),
            (std::vector<uint64_t>{4, 8}));
  topics.Remove(a, 4);
  EXPECT_EQ(topics.OldestPosition(a), 8U);
}

TEST(StreamTopics, MemoryGoesWithTheTopics) {
  StreamTopics topics;
  const uint64_t before = topics.memory_bytes();
  topics.Add(topics.FindOrAdd("a"), 1, false);
  EXPECT_GT(topics.memory_bytes(), before);
  topics.Remove(0, 1);
  EXPECT_EQ(topics.memory_bytes(), before);
}

TEST(TopicSelection, ContainsWhatTheFilterMatches) {
  StreamTopics topics;
  const uint32_t a = topics.FindOrAdd("a");
  const uint32_t ab = topics.FindOrAdd("a/b");
  TopicSelection all("", &topics), one("a", &topics), some("a/+", &topics), none("x", &topics);
  EXPECT_TRUE(all.Contains(a) && all.Contains(ab));
  EXPECT_TRUE(one.Contains(a) && !one.Contains(ab));
  EXPECT_TRUE(!some.Contains(a) && some.Contains(ab) && some.Contains(ab));
  EXPECT_TRUE(!none.Contains(a) && !none.Contains(ab));
}

TEST(TopicSelection, KnowsWhatWasThinnedOfItsTopicsAndOfThoseThatAreForgotten) {
  StreamTopics topics;
  const uint32_t a = topics.FindOrAdd("a");
  const uint32_t b = topics.FindOrAdd("b");
  for (uint64_t position = 1; position <= 4; ++position)
    topics.Add(position % 2 ? a : b, position, true);
  topics.NoteLost(Loss::kOfTopic, a, 1);
  topics.NoteLost(Loss::kOfTopic, b, 2);
  EXPECT_EQ(TopicSelection("a", &topics).LostBehind(Loss::kOfTopic, 0), 1U);
  EXPECT_EQ(TopicSelection("+", &topics).LostBehind(Loss::kOfTopic, 0), 2U);
  EXPECT_EQ(TopicSelection("", &topics).LostBehind(Loss::kOfTopic, 1), 2U);
  EXPECT_EQ(TopicSelection("+", &topics).LostBehind(Loss::kOfTopic, 2), 0U);
  EXPECT_EQ(TopicSelection("a", &topics).LostBehind(Loss::kOfTopic, 1), 0U);
  EXPECT_EQ(TopicSelection("c", &topics).LostBehind(Loss::kOfTopic, 0), 0U);
  topics.Remove(b, 2);
  topics.Remove(b, 4);
  EXPECT_EQ(TopicSelection("c", &topics).LostBehind(Loss::kOfTopic, 0), 2U)
      << "it may have been of c";
}

TEST(StreamTopics, KnowsWhatWasLostInFrontOfAnotherLoss) {
  StreamTopics topics;
  const uint32_t a = topics.FindOrAdd("a"), b = topics.FindOrAdd("b");
  for (const uint64_t position : {5U, 9U}) topics.NoteLost(Loss::kOfClass, a, position);
  EXPECT_EQ(topics.late_losses(Loss::kOfClass), 0U);
  topics.NoteLost(Loss::kOfClass, b, 7);
  EXPECT_EQ(topics.late_losses(Loss::kOfClass), 1U);
  EXPECT_EQ(topics.late_lost_to(Loss::kOfClass), 7U);
  topics.NoteLost(Loss::kOfClass, b, 10);
  EXPECT_EQ(topics.late_losses(Loss::kOfClass), 1U);
  EXPECT_EQ(topics.late_losses(Loss::kOfTopic), 0U);
}

// What a class has lost of them is another thing, and need not be lost in order.
TEST(TopicSelection, KnowsWhyItWasLost) {
  StreamTopics topics;
  const uint32_t a = topics.FindOrAdd("a");
  topics.Add(a, 1, false);
  topics.NoteLost(Loss::kOfClass, a, 7);
  topics.NoteLost(Loss::kOfClass, a, 3);
  EXPECT_EQ(TopicSelection("a", &topics).LostBehind(Loss::kOfClass, 0), 7U);
  EXPECT_EQ(TopicSelection("b", &topics).LostBehind(Loss::kOfClass, 0), 0U);
  EXPECT_EQ(TopicSelection("a", &topics).LostBehind(Loss::kOfTopic, 0), 0U);
}

}  // namespace
}  // namespace esockets::broker
