#include "broker/waiting_message.h"

#include <chrono>
#include <memory>
#include <string_view>

#include "gtest/gtest.h"
#include "tests/support/topic_form.h"

namespace esockets::broker {
namespace {

constexpr std::string_view kChunk = "before|price=eur~500|behind";
const base::TimePoint kTaken{std::chrono::seconds(7)};

base::BlockSpan InAChunk() {
  base::CountedBlock* block = base::CountedBlock::Allocate(kChunk.size(), nullptr);
  kChunk.copy(block->own_data(), kChunk.size());
  block->set_table(std::make_unique<base::FrameTable>());
  block->table()->ends = {7, 20, static_cast<uint32_t>(kChunk.size())};
  block->table()->turns = {{.begin = 0, .time = kTaken}};
  return {base::BlockRef::Adopt(block), 7, 20};
}

TEST(WaitingMessage, KeepsItsFrameAndNothingOfTheChunk) {
  const tests::TopicForm form;
  const base::BlockSpan span = InAChunk();
  const WaitingMessage message(span, form);
  EXPECT_EQ(span.block->references(), 1U);
  EXPECT_EQ(message.frame().view(), "price=eur~500");
  EXPECT_EQ(message.bytes(), 13U);
  EXPECT_EQ(message.time(), kTaken);
}

TEST(WaitingMessage, IsLabelledByItsOwnBytes) {
  const tests::TopicForm form;
  const WaitingMessage message(InAChunk(), form);
  EXPECT_EQ(message.label().topic, "price");
  EXPECT_EQ(message.label().key, "eur");
  EXPECT_EQ(message.label().ttl_ms, 500U);
  EXPECT_EQ(message.label().topic.data(), message.frame().view().data());
}

TEST(WaitingMessage, ExpiresWhenItsTimeIsOver) {
  const tests::TopicForm form;
  const WaitingMessage message(InAChunk(), form);
  EXPECT_FALSE(message.ExpiredAt(kTaken));
  EXPECT_FALSE(message.ExpiredAt(kTaken + std::chrono::milliseconds(499)));
  EXPECT_TRUE(message.ExpiredAt(kTaken + std::chrono::milliseconds(500)));
  EXPECT_FALSE(message.ExpiredAt(kTaken - std::chrono::seconds(1))) << "a clock that went back";
}

}  // namespace
}  // namespace esockets::broker
