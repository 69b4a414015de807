// A publish to 100,000 subscribers, and what it does to a topic of ten: the real router, outboxes
// and flush list; time passes by the sends alone.
#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>

#include "broker/outbox.h"
#include "broker/router.h"
#include "gtest/gtest.h"
#include "server/flush_list.h"
#include "server/limits.h"
#include "tests/support/hand_clock.h"
#include "tests/support/lone_router.h"
#include "tests/support/pretend_on_loop.h"
#include "tests/support/published.h"
#include "tests/support/sim_wire_form.h"

namespace esockets::broker {
namespace {

constexpr size_t kMany = 100'000;
constexpr size_t kFew = 10;
constexpr base::Duration kSend = std::chrono::microseconds(1);

// What the members of a topic share.
struct Place {
  tests::HandClock clock;
  server::FlushList flush_list;
  bool ranks_are_kept = true;
};

// A client that keeps up.
class Member final : public SessionSink, public server::Flushable, private SessionEvents {
 public:
  Member(Place* place, uint64_t id) : place_(*place), id_(id) {}
  ~Member() { place_.flush_list.Remove(this); }

  uint64_t messages = 0;        // with the kernel
  base::TimePoint last_time{};  // of these

  Outbox outbox{this};
  Subscription subscription{&outbox};

 private:
  uint64_t session_id() const override { return id_; }
  SessionEvents& session_events() override { return *this; }
  bool TryDeliver(const base::BlockSpan&, size_t, FanOut fan_out) override {
    ++queued_;
    const bool first = place_.ranks_are_kept && fan_out == FanOut::kFew;
    place_.flush_list.Add(this, first ? server::FlushRank::kFirst : server::FlushRank::kInTurn);
    return true;
  }
  bool FlushOnce() override {
    place_.clock.now += kSend;
    messages += std::exchange(queued_, 0);
    last_time = place_.clock.now;
    return false;
  }
  void CountWaiting(const server::CopyOutLook&) override {}
  void CopyOutOld(const server::CopyOutLook&) override {}
  void SendAnswer(Answer, uint64_t) override {}
  void SendFrame(const ServerFrame&) override {}
  void Close(const Ending&) override {}
  void PauseReading() override {}
  void ResumeReading() override {}
  void SaveReceived(const Messages&) override {}
  std::optional<std::string> PopReceived(size_t) override { return std::nullopt; }
  bool reading_paused() const override { return false; }
  SinkView View() const override { return {}; }
  SendState send_state() const override { return {}; }
  size_t unsent_bytes() const override { return 0; }
  NetworkSample SampleNetwork() const override { return {}; }
  void OnRunClosed(uint64_t) override {}
  void OnOverflow(const std::string&) override {}
  void OnBehind() override {}
  void SendGap(const Subscription&, const Gap&) override {}

  Place& place_;
  const uint64_t id_;
  uint64_t queued_ = 0;
};

class FanOutDelay : public testing::Test, protected tests::LoneRouter {
 protected:
  FanOutDelay() : LoneRouter(&form_) {
    tests::PretendOnLoop();
    executor_.BeginTurn();
    for (size_t i = 0; i < kMany; ++i) Join(&many_, "many");
    for (size_t i = 0; i < kFew; ++i) Join(&few_, "few");
  }
  ~FanOutDelay() override {
    tests::PretendOnLoop();
    for (std::deque<Member>* const members : {&many_, &few_}) {
      for (Member& member : *members) router_.Remove(&member.subscription);
    }
    executor_.EndTurn();
  }
  void Join(std::deque<Member>* members, std::string_view topic) {
    tests::PretendOnLoop();
    Member& member = members->emplace_back(&place_, many_.size() + few_.size() + 1);
    router_.Add(topic, &member.subscription);
  }
  void Publish(std::string_view topic) {
    tests::PretendOnLoop();
    router_.Publish(tests::Published(topic, "payload").messages());
  }
  // As the loop does it: what was read is offered, and then a slice is flushed.
  void Turn() {
    tests::PretendOnLoop();
    executor_.NextTurn();
    place_.flush_list.FlushSlice(place_.clock, server::kFlushSlice);
  }
  // From a publish to `few` until each of them has it; in turns.
  base::Duration DelayOfFew() {
    const base::TimePoint begin = place_.clock.now;
    const uint64_t before = few_.back().messages;
    Publish("few");
    while (few_.back().messages == before) Turn();
    base::TimePoint end = begin;
    for (const Member& member : few_) {
      EXPECT_EQ(member.messages, before + 1);
      end = std::max(end, member.last_time);
    }
    return end - begin;
  }
  bool ManyHave(uint64_t messages) const {
    return std::all_of(many_.begin(), many_.end(),
                       [messages](const Member& one) { return one.messages >= messages; });
  }

  tests::SimWireForm form_{&executor_.clock()};
  Place place_;
  std::deque<Member> many_;
  std::deque<Member> few_;
};

// The slice that is under way when it comes, and its own sends; the clock is looked at after every
// few sends.
constexpr base::Duration kDelayMax =
    server::kFlushSlice + (kFew + server::kSendsPerClockCheck) * kSend;

TEST_F(FanOutDelay, ATopicOfTenWaitsOneSliceAtMost) {
  Publish("many");
  Turn();
  uint64_t published = 1, few_published = 0;
  base::Duration longest{};
  while (!ManyHave(3)) {
    longest = std::max(longest, DelayOfFew());
    // Again and again, before the last one is through.
    if (++few_published % 300 == 0 && published < 3) Publish("many"), ++published;
    ASSERT_LT(few_published, 10'000U) << "the many starve";
  }
  EXPECT_LE(longest, kDelayMax);
  EXPECT_GT(few_published, 600U) << "it was published to often while the others were flushed";
}

TEST_F(FanOutDelay, WithoutRanksItWouldWaitForAllOfThem) {
  place_.ranks_are_kept = false;
  Publish("many");
  Turn();
  EXPECT_GT(DelayOfFew(), kMany / 2 * kSend);
}

}  // namespace
}  // namespace esockets::broker
