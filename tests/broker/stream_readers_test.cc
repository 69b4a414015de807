// What broker/streams_test does not reach: a reader between two answers.
#include "broker/stream_readers.h"

#include <string>
#include <vector>

#include "base/strings.h"
#include "gtest/gtest.h"
#include "proto/esockets.pb.h"
#include "tests/support/pretend_on_loop.h"
#include "tests/support/sim_client.h"

namespace esockets::broker {
namespace {

using Lines = std::vector<std::string>;

class StreamReadersTest : public testing::Test {
 protected:
  StreamReadersTest() {
    tests::PretendOnLoop();
    for (int i = 1; i <= 5; ++i) publisher_.Publish("chat/1", base::StrCat(i));
  }
  static Settings MakeSettings() {
    Settings settings;
    settings.streams = {{.name = "chat", .filter = "chat/#", .limits = {}, .message_ids = {}}};
    settings.limits.high_watermark_bytes = 100;
    return settings;
  }
  void Turns(int turns) {
    tests::PretendOnLoop();
    for (int i = 0; i < turns; ++i) broker_.Turn();
  }

  tests::SimBroker broker_{MakeSettings()};
  tests::SimClient publisher_{&broker_, "publisher"};
  tests::SimClient reader_{&broker_, "reader"};
};

TEST_F(StreamReadersTest, ASecondStartBeforeTheFirstIsAnsweredIsRefused) {
  tests::PretendOnLoop();
  reader_.Subscribe("chat/#", {.start = START_LAST, .start_at = 1});
  reader_.Subscribe("chat/#", {.start = START_LAST, .start_at = 5});
  reader_.Subscribe("chat/#", {});
  Turns(10);
  EXPECT_EQ(reader_.Lines(),
            (Lines{"error 2 125", "subscribed 3", "subscribed 1 behind 4", "5 chat/1=5"}));
}

TEST_F(StreamReadersTest, WhoSaysGoodbyeIsAnsweredFirst) {
  tests::PretendOnLoop();
  reader_.Subscribe("chat/#", {.start = START_LAST, .start_at = 1});
  reader_.Disconnect("");
  Turns(10);
  EXPECT_EQ(reader_.Lines(), Lines{"subscribed 1 behind 4"});
  ASSERT_TRUE(reader_.sink.closed());
  EXPECT_EQ(reader_.sink.closed()->code, CloseCode::kGoodbye);
  EXPECT_EQ(broker_.shard.stream_readers.size(), 0U);
}

TEST_F(StreamReadersTest, AStartThatIsRefusedLetsTheReadingGoOn) {
  tests::PretendOnLoop();
  reader_.sink.set_window(10);
  reader_.Subscribe("chat/#", {.overflow = OVERFLOW_REPLAY, .start = START_LAST, .start_at = 5});
  Turns(10);
  reader_.Subscribe("chat/#",
                    {.start = START_AFTER_POSITION,
                     .start_at = 100,
                     .start_epoch = static_cast<uint64_t>(broker_.executor.clock().WallMicros())});
  Turns(2);
  reader_.sink.Read(tests::FakeSink::kUnlimited);
  Turns(20);
  const Lines lines = reader_.Lines();
  std::vector<std::string> messages;
  for (const std::string& line : lines) {
    if (line.find('=') != std::string::npos) messages.push_back(line);
  }
  EXPECT_EQ(messages,
            (Lines{"1 chat/1=1", "2 chat/1=2", "3 chat/1=3", "4 chat/1=4", "5 chat/1=5"}));
  EXPECT_EQ(broker_.shard.stream_readers.size(), 0U);
}

}  // namespace
}  // namespace esockets::broker
