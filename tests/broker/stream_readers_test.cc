// What broker/streams_test does not reach: a reader between two answers.
#include "broker/stream_readers.h"

#include <memory>
#include <string>
#include <vector>

#include "base/strings.h"
#include "gtest/gtest.h"
#include "proto/esockets.pb.h"
#include "tests/support/pretend_on_loop.h"
#include "tests/support/sim_client.h"
#include "tests/support/sim_cluster.h"

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

// What was published before and the answer arrive in one turn: the others fall behind within it.
TEST_F(StreamReadersTest, OthersMayBeginToReadWhileOneIsOpened) {
  tests::PretendOnLoop();
  tests::SimCluster cluster(2, MakeSettings(), 64 << 10);
  const uint32_t home = cluster.loop(0).shard.streams.HomeOf(0);
  tests::SimBroker& away = cluster.loop(1 - home);
  const auto turns = [&cluster] {
    for (int i = 0; i < 10; ++i) cluster.loop(0).Turn(), cluster.loop(1).Turn();
  };
  std::vector<std::unique_ptr<tests::SimClient>> others;
  for (int i = 0; i < 50; ++i) {
    others.push_back(std::make_unique<tests::SimClient>(&away));
    others.back()->Connect(base::StrCat("other-", i));
    turns();
    others.back()->Subscribe("chat/#", {.overflow = OVERFLOW_REPLAY});
    turns();
    others.back()->sink.set_window(0);
  }
  tests::SimClient publisher(&cluster.loop(home)), late(&away);
  publisher.Connect("publisher");
  late.Connect("late");
  turns();
  late.Lines();
  publisher.Publish("chat/1", std::string(90, 'x'));
  turns();
  EXPECT_EQ(away.shard.stream_readers.size(), 0U) << "one fits";
  late.Subscribe("chat/#", {});
  publisher.Publish("chat/1", std::string(90, 'y'));
  turns();
  EXPECT_EQ(away.shard.stream_readers.size(), 50U);
  publisher.Publish("chat/1", "z");
  turns();
  EXPECT_EQ(late.Lines(), (Lines{"subscribed 1 behind 2", "3 chat/1=z"}));
}

}  // namespace
}  // namespace esockets::broker
