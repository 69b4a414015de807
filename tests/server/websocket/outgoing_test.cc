#include "server/websocket/outgoing.h"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "server/frame_arena.h"
#include "server/websocket/limits.h"
#include "tests/support/allocations.h"
#include "tests/support/fake_socket_api.h"
#include "tests/support/websocket_wire.h"

namespace esockets::websocket {
namespace {

using server::FlushResult;
using tests::CloseWith;
using tests::DataOf;
using tests::FakeSocketApi;
using tests::kBinaryFrame;
using tests::kCloseFrame;
using tests::kPingFrame;
using tests::kPongFrame;
using tests::ServerFrame;
using tests::ServerFrames;
using tests::WireFrame;
using Form = Outgoing::Form;

std::string Pattern(size_t bytes, size_t from = 0) {
  std::string pattern(bytes, '\0');
  for (size_t i = 0; i < bytes; ++i) {
    const size_t at = from + i;
    pattern[i] = static_cast<char>('a' + (at * 7 + at / 251) % 26);
  }
  return pattern;
}

// One connection's sending half, whose bytes are captured.
struct Sender {
  explicit Sender(Form form = Form::kSealed, std::string_view plain = {}) {
    if (!plain.empty()) Queue(plain);
    out = std::make_unique<Outgoing>(form, plain.size());
  }

  // `own_span`: it does not lie behind what was queued before.
  void Queue(std::string_view frame, bool own_span = false) {
    if (own_span) arena.Write("between");
    queue.Append(arena.Write(frame), pool);
  }
  FlushResult Flush() {
    const size_t before = api.sent().size();
    const FlushResult result = out->Flush(queue, 3, api, pool, &wire_bytes, &error);
    EXPECT_EQ(wire_bytes, api.sent().size() - before);
    return result;
  }
  // A refused socket is writable again at once.
  void FlushAll() {
    for (int i = 0; i < 1'000'000 && !(queue.empty() && out->empty()); ++i) Flush();
    EXPECT_TRUE(queue.empty() && out->empty());
    EXPECT_EQ(Flush(), FlushResult::kEmpty);
  }
  std::vector<WireFrame> frames() const { return ServerFrames(api.sent()); }

  server::FrameArena arena;
  server::SendPool pool;
  server::SendQueue queue;
  FakeSocketApi api{FakeSocketApi::Mode::kCapture};
  std::unique_ptr<Outgoing> out;
  size_t wire_bytes = 0;
  int error = 0;
};

TEST(Outgoing, NothingMakesNoCall) {
  Sender sender;
  EXPECT_EQ(sender.Flush(), FlushResult::kEmpty);
  EXPECT_EQ(sender.api.sends(), 0u);
  EXPECT_TRUE(sender.out->empty());
}

// RFC 6455, section 5.6: one header for what a flush finds, in one send.
TEST(Outgoing, AFlushIsOneMessage) {
  for (const size_t scale : {1u, 2000u}) {
    Sender sender;
    std::string all;
    for (size_t i = 0; i < 20; ++i) {
      const std::string frame = Pattern((i % 7 + 1) * scale / 4 + 1, i);
      sender.Queue(frame, i % 3 == 0);
      all += frame;
    }
    EXPECT_EQ(sender.Flush(), FlushResult::kEmpty);
    EXPECT_EQ(sender.api.sends(), 1u);
    EXPECT_EQ(sender.frames(), std::vector<WireFrame>({{kBinaryFrame, all}}));
  }
}

TEST(Outgoing, NoSealedMessageIsLongerThanItMayBe) {
  const std::vector<std::vector<size_t>> cases = {{65'535},
                                                  {65'536},
                                                  {65'537},
                                                  {200'000},
                                                  {1, 65'536},
                                                  {65'536, 1},
                                                  {65'535, 1, 1},
                                                  {40'000, 40'000, 40'000},
                                                  {1'000'000, 5, 70'000},
                                                  std::vector<size_t>(200, 3000),
                                                  std::vector<size_t>(300, 1)};
  for (const std::vector<size_t>& sizes : cases) {
    Sender sender;
    std::string all;
    for (const size_t size : sizes) {
      const std::string frame = Pattern(size, all.size());
      sender.Queue(frame, true);
      all += frame;
    }
    sender.FlushAll();
    EXPECT_TRUE(DataOf(sender.frames()) == all);
    for (const WireFrame& frame : sender.frames()) {
      EXPECT_EQ(frame.first, kBinaryFrame);
      EXPECT_LE(frame.payload.size(), kSealedBytesMax);
      EXPECT_FALSE(frame.payload.empty());
    }
  }
}

// The stream is the same wherever the kernel stops: in a header, in bytes that a header has
// announced, in a control frame, and in the Close.
TEST(Outgoing, TornAtEveryByte) {
  const std::string first = Pattern(300), second = Pattern(200, 300);
  const auto fill = [&](Sender& sender) {
    sender.Queue(first);
    sender.out->AddControl(Opcode::kPing, "are you there");
    sender.Queue(second, true);
    sender.out->AddControl(Opcode::kPong, "");
    sender.out->AddClose(CloseWith(1000, "bye"));
  };
  const std::vector<WireFrame> expected = {{kPingFrame, "are you there"},
                                           {kPongFrame, ""},
                                           {kBinaryFrame, first + second},
                                           {kCloseFrame, CloseWith(1000, "bye")}};
  Sender whole;
  fill(whole);
  whole.FlushAll();
  ASSERT_EQ(whole.frames(), expected);
  for (size_t n = 0; n <= whole.api.sent().size(); ++n) {
    Sender sender;
    fill(sender);
    sender.api.set_send_script(tests::TornAt(n));
    sender.FlushAll();
    ASSERT_EQ(sender.api.sent(), whole.api.sent()) << "torn at " << n;
  }
  Sender slow;  // at every byte
  fill(slow);
  slow.api.set_send_script([](size_t) -> ssize_t { return 1; });
  slow.FlushAll();
  EXPECT_EQ(slow.api.sent(), whole.api.sent());
}

// Section 5.4: control frames go between frames, never into one; what comes later waits for the
// next boundary, wherever the kernel has stopped.
TEST(Outgoing, ALaterControlFrameGoesToTheNextBoundary) {
  const std::string first = Pattern(300), second = Pattern(200, 300);
  for (const Form form : {Form::kSealed, Form::kFramed}) {
    const bool sealed = form == Form::kSealed;
    const std::string one = sealed ? first : ServerFrame(kBinaryFrame, first);
    const std::string two = sealed ? second : ServerFrame(kBinaryFrame, second);
    for (size_t n = 1; n <= 304; ++n) {
      Sender sender(form);
      sender.Queue(one);
      sender.api.set_send_script(tests::TornAt(n));
      sender.Flush();
      sender.out->AddControl(Opcode::kPing, "p");
      sender.Queue(two);
      sender.FlushAll();
      const std::vector<WireFrame> expected = {
          {kBinaryFrame, first}, {kPingFrame, "p"}, {kBinaryFrame, second}};
      ASSERT_EQ(sender.frames(), expected) << "torn at " << n;
    }
  }
}

TEST(Outgoing, PlainBytesGoFirst) {
  constexpr std::string_view kAnswer = "HTTP/1.1 101 Switching Protocols\r\n\r\n";
  for (const Form form : {Form::kSealed, Form::kFramed}) {
    const std::string data = Pattern(100);
    const std::string queued = form == Form::kSealed ? data : ServerFrame(kBinaryFrame, data);
    for (size_t n = 0; n < 150; ++n) {
      Sender sender(form, kAnswer);
      sender.api.set_send_script(tests::TornAt(n));
      sender.out->AddControl(Opcode::kPong, "soon");
      if (n % 2 == 0) sender.Flush();
      sender.Queue(queued);
      sender.out->AddClose(CloseWith(1001));
      sender.FlushAll();
      ASSERT_TRUE(sender.api.sent().starts_with(kAnswer));
      const auto frames = ServerFrames(std::string_view(sender.api.sent()).substr(kAnswer.size()));
      EXPECT_EQ(frames,
                std::vector<WireFrame>(
                    {{kPongFrame, "soon"}, {kBinaryFrame, data}, {kCloseFrame, CloseWith(1001)}}))
          << "torn at " << n;
    }
  }
}

TEST(Outgoing, PlainBytesStayWhenFramesAreDropped) {
  constexpr std::string_view kAnswer = "HTTP/1.1 101 Switching Protocols\r\n\r\n";
  for (size_t n = 0; n < 60; ++n) {
    Sender sender(Form::kSealed, kAnswer);
    sender.Queue(std::string(10, 'x'), true);
    sender.api.set_send_script([n](size_t) -> ssize_t { return static_cast<ssize_t>(n); });
    sender.Flush();
    sender.out->DropUnsentFrames(sender.queue, sender.pool);
    sender.out->AddClose("");
    sender.api.set_send_script(nullptr);
    sender.FlushAll();
    ASSERT_TRUE(sender.api.sent().starts_with(kAnswer)) << n;
    const auto frames = ServerFrames(std::string_view(sender.api.sent()).substr(kAnswer.size()));
    EXPECT_EQ(frames.back(), WireFrame({kCloseFrame, ""}));
    EXPECT_EQ(frames.size(), n > kAnswer.size() ? 2u : 1u) << "a header has announced it: " << n;
  }
}

// What a header has announced must come; the rest goes, in whole frames.
TEST(Outgoing, DroppingKeepsWhatIsAnnounced) {
  const std::string a = Pattern(100), b = Pattern(200, 100), late = Pattern(50, 300);
  for (size_t n = 0; n <= 302; ++n) {
    Sender sender;
    sender.Queue(a);
    sender.Queue(b, true);
    sender.api.set_send_script([n](size_t) -> ssize_t { return static_cast<ssize_t>(n); });
    sender.Flush();
    sender.api.set_send_script(nullptr);
    sender.Queue(late);
    sender.out->DropUnsentFrames(sender.queue, sender.pool);
    sender.FlushAll();
    ASSERT_EQ(DataOf(sender.frames()), n == 0 ? "" : a + b) << "torn at " << n;
  }
}

// A frame that is longer than a message goes whole or not at all.
TEST(Outgoing, DroppingKeepsTheRestOfALongFrame) {
  const std::string longest = Pattern(150'000);
  for (const size_t n : {1u, 10u, 100u, 65'545u, 65'546u, 65'547u, 70'000u, 140'000u}) {
    Sender sender;
    sender.Queue(longest);
    sender.Queue("dropped", true);
    sender.api.set_send_script([n](size_t) -> ssize_t { return static_cast<ssize_t>(n); });
    sender.Flush();
    sender.out->DropUnsentFrames(sender.queue, sender.pool);
    sender.api.set_send_script(nullptr);
    sender.FlushAll();
    // The last message of the frame has room for what comes behind it.
    const bool announced = n > size_t{2} * (kSealedBytesMax + 10);
    EXPECT_TRUE(DataOf(sender.frames()) == longest + (announced ? "dropped" : "")) << n;
  }
}

// Section 5.5.1: nothing may follow a Close.
TEST(Outgoing, TheCloseIsTheLastWord) {
  Sender sender;
  sender.Queue("queued");
  sender.out->AddClose(CloseWith(1000));
  sender.out->AddClose(CloseWith(1001));
  sender.out->AddControl(Opcode::kPong, "late");
  sender.Queue(" late");
  sender.FlushAll();
  const std::vector<WireFrame> expected = {{kBinaryFrame, "queued late"},
                                           {kCloseFrame, CloseWith(1000)}};
  EXPECT_EQ(sender.frames(), expected);
  sender.out->AddControl(Opcode::kPing, "too late");
  sender.out->AddClose(CloseWith(1002));
  sender.FlushAll();
  EXPECT_EQ(sender.frames(), expected);
}

TEST(Outgoing, NothingComesIntoACloseThatHasBegun) {
  const size_t close_bytes = ServerFrame(kCloseFrame, CloseWith(1000, "bye")).size();
  for (size_t n = 1; n < close_bytes; ++n) {
    Sender sender;
    sender.Queue("queued");
    sender.out->AddClose(CloseWith(1000, "bye"));
    sender.api.set_send_script(tests::TornAt(8 + n));
    EXPECT_EQ(sender.Flush(), FlushResult::kRefused);
    sender.Queue("a farewell that comes too late");
    sender.FlushAll();
    EXPECT_EQ(sender.frames(), std::vector<WireFrame>({{kBinaryFrame, "queued"},
                                                       {kCloseFrame, CloseWith(1000, "bye")}}))
        << "torn at " << n;
  }
}

// Section 5.5.3: the oldest Pongs may go. One that has begun is sent whole.
TEST(Outgoing, ControlFramesThatNobodyTakesAreBounded) {
  for (const size_t n : {0u, 1u, 60u}) {
    Sender sender;
    sender.out->AddControl(Opcode::kPong, std::string(100, 'f'));
    sender.api.set_send_script([n](size_t) -> ssize_t { return static_cast<ssize_t>(n); });
    sender.Flush();
    const int64_t before = tests::LiveBytes();
    for (int i = 0; i < 100'000; ++i) {
      sender.out->AddControl(Opcode::kPong, std::to_string(i) + std::string(100, 'p'));
    }
    EXPECT_LT(tests::LiveBytes() - before, static_cast<int64_t>(4 * kControlQueueBytesMax));
    sender.api.set_send_script(nullptr);
    sender.FlushAll();
    EXPECT_LE(sender.api.sent().size(), kControlQueueBytesMax + n);
    const std::vector<WireFrame> frames = sender.frames();
    EXPECT_EQ(frames.front().payload == std::string(100, 'f'), n > 0);
    EXPECT_EQ(frames.back().payload, "99999" + std::string(100, 'p'));
    EXPECT_GT(frames.size(), 30u);
  }
}

TEST(Outgoing, WhatAFlushSays) {
  Sender sender;
  sender.Queue("hello");
  sender.api.set_send_script([](size_t) -> ssize_t { return 0; });
  EXPECT_EQ(sender.Flush(), FlushResult::kRefused);
  sender.api.set_send_script([](size_t) -> ssize_t { return 3; });
  EXPECT_EQ(sender.Flush(), FlushResult::kRefused);
  EXPECT_EQ(sender.queue.bytes(), 4u) << "two bytes of header and one of the queue";
  sender.api.set_send_script([](size_t) -> ssize_t { return -EPIPE; });
  EXPECT_EQ(sender.Flush(), FlushResult::kFailed);
  EXPECT_EQ(sender.error, EPIPE);
  sender.api.set_send_script(nullptr);
  sender.FlushAll();
  for (int i = 0; i < 200; ++i) sender.Queue(Pattern(2000), true);
  EXPECT_EQ(sender.Flush(), FlushResult::kMore) << "more than one send takes";
  sender.out->AddControl(Opcode::kPing, "");
  EXPECT_FALSE(sender.out->empty());
  sender.FlushAll();
}

TEST(Outgoing, FramedQueuesGoAsTheyAre) {
  Sender sender(Form::kFramed);
  std::string all;
  for (size_t i = 0; i < 300; ++i) {
    const std::string frame = ServerFrame(tests::kTextFrame, Pattern(i * 13));
    sender.Queue(frame, i % 2 == 0);
    all += frame;
  }
  sender.FlushAll();
  EXPECT_TRUE(sender.api.sent() == all);
}

// --- by chance

// A frame of the queue: its length, then bytes that follow from its number.
std::string Numbered(uint32_t number, size_t size) {
  std::string frame = std::to_string(number) + ":" + std::to_string(size) + ":";
  return frame + Pattern(size, number);
}

// Takes the numbers of whole frames off a stream; false: it is no sequence of them.
bool TakeNumbers(std::string_view stream, std::vector<uint32_t>* numbers) {
  while (!stream.empty()) {
    const size_t colon = stream.find(':');
    const size_t second = stream.find(':', colon + 1);
    if (second == std::string_view::npos) return false;
    const auto number = static_cast<uint32_t>(std::stoul(std::string(stream.substr(0, colon))));
    const size_t size = std::stoul(std::string(stream.substr(colon + 1, second - colon - 1)));
    const std::string frame = Numbered(number, size);
    if (!stream.starts_with(frame)) return false;
    numbers->push_back(number);
    stream.remove_prefix(frame.size());
  }
  return true;
}

class RandomSender {
 public:
  RandomSender(Form form, uint64_t seed) : random_(seed), form_(form), sender_(form) {
    sender_.api.set_send_script(tests::RandomSends(seed));
  }

  void Run(bool drops) {
    for (int step = 0; step < 300; ++step) Step(drops);
    sender_.out->AddClose("");
    sender_.FlushAll();
    Check(drops);
  }

 private:
  void Step(bool drops) {
    const uint64_t dice = random_() % 100;
    if (dice < 50) {
      const size_t size = dice < 2 ? random_() % 150'000 : random_() % (dice < 25 ? 40 : 4000);
      const std::string frame = Numbered(queued_++, size);
      sender_.Queue(form_ == Form::kSealed ? frame : ServerFrame(kBinaryFrame, frame), dice % 2);
    } else if (dice < 60) {
      const std::string payload = std::to_string(controls_++);
      sender_.out->AddControl(dice % 2 == 0 ? Opcode::kPing : Opcode::kPong, payload);
    } else if (dice < 62 && drops) {
      sender_.out->DropUnsentFrames(sender_.queue, sender_.pool);
    } else {
      sender_.Flush();
    }
  }

  void Check(bool drops) const {
    const std::vector<WireFrame> frames = sender_.frames();
    ASSERT_FALSE(frames.empty());
    EXPECT_EQ(frames.back(), WireFrame({kCloseFrame, ""}));
    std::vector<uint32_t> numbers;
    ASSERT_TRUE(TakeNumbers(DataOf(frames), &numbers));
    EXPECT_TRUE(std::ranges::is_sorted(numbers, std::less_equal<>()));
    EXPECT_TRUE(drops || numbers.size() == queued_);
    size_t controls = 0;
    for (const WireFrame& frame : frames) {
      EXPECT_TRUE(form_ == Form::kFramed || frame.payload.size() <= kSealedBytesMax);
      if (frame.first != kPingFrame && frame.first != kPongFrame) continue;
      EXPECT_EQ(frame.payload, std::to_string(controls++));
    }
    EXPECT_EQ(controls, controls_);
  }

  std::mt19937_64 random_;
  const Form form_;
  Sender sender_;
  uint32_t queued_ = 0;
  size_t controls_ = 0;
};

TEST(Outgoing, WhateverIsQueuedComesOutWhole) {
  const uint64_t seed = std::random_device()();
  for (uint64_t round = 0; round < 120; ++round) {
    SCOPED_TRACE(testing::Message() << "seed " << seed + round);
    const Form form = round % 2 == 0 ? Form::kSealed : Form::kFramed;
    RandomSender(form, seed + round).Run(/*drops=*/round % 4 >= 2);
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace esockets::websocket
