#include "broker/message_batch.h"

#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "proto/message_frame.h"
#include "tests/support/published.h"

namespace esockets::broker {
namespace {

using tests::Published;

struct Visited {
  std::string topic;
  uint64_t publisher;
  std::vector<std::string> fields;
  bool operator==(const Visited&) const = default;
};

std::string Fields(std::string_view topic, std::string_view payload) {
  const Published published(topic, payload);
  return std::string(proto::FieldsOfFrame(published.messages().frames.front()));
}

std::vector<Visited> VisitedBy(uint32_t loop, const MessageBatch& batch, size_t* bytes) {
  std::vector<Visited> all;
  batch.ForEach(loop, [&](const Messages& messages, size_t entry_bytes) {
    *bytes += entry_bytes;
    Visited& one = all.emplace_back(
        Visited{std::string(messages.topic), messages.publisher, std::vector<std::string>()});
    for (base::FrameSequence rest = messages.frames; !rest.empty(); rest.RemoveFirst(1)) {
      one.fields.emplace_back(proto::FieldsOfFrame(rest.front()));
    }
  });
  return all;
}

TEST(MessageBatch, GivesEachLoopWhatItWantsInOrder) {
  MessageBatch batch;
  size_t appended = batch.Append(Published("a", {"1", "2"}, 7).messages(), 0b011);
  const size_t others = batch.Append(Published("b", "3", 8).messages(), 0b100);
  appended += batch.Append(Published("c/d", "4", 9).messages(), 0b010);
  size_t bytes = 0;
  EXPECT_EQ(VisitedBy(1, batch, &bytes),
            (std::vector<Visited>{{"a", 7, {Fields("a", "1"), Fields("a", "2")}},
                                  {"c/d", 9, {Fields("c/d", "4")}}}));
  EXPECT_EQ(bytes, appended);
  bytes = 0;
  EXPECT_EQ(VisitedBy(2, batch, &bytes), (std::vector<Visited>{{"b", 8, {Fields("b", "3")}}}));
  EXPECT_EQ(bytes, others);
  EXPECT_EQ(VisitedBy(3, batch, &bytes), std::vector<Visited>());
}

TEST(MessageBatch, KeepsFramesAsTheyAreDelivered) {
  MessageBatch batch;
  const Published first("a", {"1", "2"});
  const Published second("b", "3");
  batch.Append(first.messages(), 1);
  batch.Append(second.messages(), 1);
  EXPECT_EQ(batch.frames().view(), std::string(first.messages().frames.view()) +
                                       std::string(second.messages().frames.view()));
  EXPECT_EQ(batch.frames().count(), 3U);
  EXPECT_EQ(batch.size().messages, 3U);
  EXPECT_EQ(batch.size().entries, 2U);
}

// What is left of a longer sequence is taken by its own offsets.
TEST(MessageBatch, TakesTheRestOfASequence) {
  const Published published("a", {"1", "22", "333"});
  Messages rest = published.messages();
  rest.frames.RemoveFirst(1);
  rest.topic = proto::FieldsOfFrame(rest.frames.front()).substr(2, 1);
  MessageBatch batch;
  batch.Append(rest, 1);
  size_t bytes = 0;
  EXPECT_EQ(VisitedBy(0, batch, &bytes),
            (std::vector<Visited>{{"a", 0, {Fields("a", "22"), Fields("a", "333")}}}));
}

}  // namespace
}  // namespace esockets::broker
