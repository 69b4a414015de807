#include "broker/stream_home.h"

#include <chrono>
#include <memory>

#include "broker/memory_store.h"
#include "gtest/gtest.h"
#include "tests/support/pretend_on_loop.h"
#include "tests/support/published.h"
#include "tests/support/sim_executor.h"

namespace esockets::broker {
namespace {

using At = StreamStart::At;
using std::chrono::milliseconds;

class StreamHomeTest : public testing::Test {
 protected:
  StreamHomeTest() {
    tests::PretendOnLoop();
    rule_.limits.messages_max = 5;
    home_ = std::make_unique<StreamHome>(
        &rule_, std::make_unique<MemoryStore>(rule_.limits, Stamps(), &executor_.clock()),
        &executor_.clock());
    // 1 to 10 on a and b in turns, 10 ms apart: 6 to 10 are there.
    begin_us_ = static_cast<uint64_t>(executor_.clock().WallMicros());
    for (int i = 1; i <= 10; ++i) {
      home_->store().Append(tests::Published(i % 2 == 1 ? "a" : "b", "x").messages());
      home_->store().Retain();
      executor_.Advance(milliseconds(10));
    }
  }
  StreamOpened Open(const StreamStart& start, std::string_view filter = "") {
    tests::PretendOnLoop();
    return home_->Open(start, filter);
  }

  tests::SimExecutor executor_;
  StreamRule rule_{.name = "s", .filter = "#", .limits = {}, .message_ids = {}};
  std::unique_ptr<StreamHome> home_;
  uint64_t begin_us_ = 0;
};

TEST_F(StreamHomeTest, SaysWhereAReaderBeginsAndWhetherItMissesAnything) {
  const uint64_t epoch = home_->epoch();
  const struct {
    StreamStart start;
    std::string_view filter;
    uint64_t after;
    bool recovered;
  } kCases[] = {
      {{At::kNow}, "", 10, true},
      {{At::kAfterPosition, 10, epoch}, "", 10, true},
      {{At::kAfterPosition, 5, epoch}, "", 5, true},
      {{At::kAfterPosition, 4, epoch}, "", 5, false},
      {{At::kAfterPosition, 0, epoch}, "a", 5, false},
      {{At::kAfterPosition, 8, epoch + 1}, "", 5, false},
      {{At::kTime, begin_us_ + 75'000, 0}, "", 8, true},
      {{At::kTime, begin_us_, 0}, "", 5, false},
      {{At::kTime, begin_us_ + 1'000'000, 0}, "", 10, true},
      {{At::kLast, 2, 0}, "", 8, true},
      {{At::kLast, 2, 0}, "a", 6, true},
      {{At::kLast, 100, 0}, "", 5, false},
      {{At::kLastOfEachTopic, 1, 0}, "", 5, true},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(testing::Message() << static_cast<int>(c.start.at) << " " << c.start.number);
    const StreamOpened opened = Open(c.start, c.filter);
    EXPECT_FALSE(opened.refused);
    EXPECT_EQ(opened.from.after, c.after);
    EXPECT_EQ(opened.recovered, c.recovered);
    EXPECT_EQ(opened.last, 10U);
    EXPECT_EQ(opened.epoch, epoch);
    EXPECT_GE(opened.from.gone_told, 5U) << "what is gone by now is no news";
  }
}

TEST_F(StreamHomeTest, APositionThatWasNeverGivenIsRefused) {
  EXPECT_TRUE(Open({At::kAfterPosition, 11, home_->epoch()}).refused);
  EXPECT_FALSE(Open({At::kAfterPosition, 11, home_->epoch() + 1}).refused)
      << "it was given in that epoch, perhaps";
}

TEST_F(StreamHomeTest, AnIdIsOfOneMessage) {
  tests::PretendOnLoop();
  const StoreAsk ask{.session = 1, .request_id = 1, .loop = 0, .message_id = "id"};
  const tests::Published one("a", "one"), other("a", "other");
  Messages message = one.messages();
  message.store = &ask;
  EXPECT_EQ(home_->FindRepeated(message), std::nullopt);
  home_->NoteId(message, 7);
  EXPECT_EQ(home_->FindRepeated(message)->position, 7U);
  EXPECT_EQ(home_->FindRepeated(message)->epoch, home_->epoch());
  message = other.messages();
  message.store = &ask;
  EXPECT_EQ(home_->FindRepeated(message)->position, 0U);
}

}  // namespace
}  // namespace esockets::broker
