#include "broker/slow_verdict.h"

#include <chrono>
#include <string>

#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A second in which nothing stands out.
SlowEvidence Quiet() {
  return {.window = seconds(1),
          .network_known = true,
          .busy = milliseconds(100),
          .acked_bytes = 1000,
          .segments = 1000,
          .rtt = milliseconds(1),
          .rtt_min = milliseconds(1),
          .looks = 4};
}

TEST(SlowVerdict, EachCauseHasItsEvidence) {
  struct Case {
    const char* name;
    void (*change)(SlowEvidence* seen);
    SlowVerdict verdict;
    const char* says;
  };
  const Case cases[] = {
      {"nothing", [](SlowEvidence*) {}, SlowVerdict::kUnknown, "nothing stands out in 1000 ms"},
      {"a closed window",
       [](SlowEvidence* seen) { seen->receive_window_limited = milliseconds(980); },
       SlowVerdict::kReader, "the receive window was closed for 98 % of 1000 ms"},
      {"a window full of what is still on the way",
       [](SlowEvidence* seen) {
         seen->receive_window_limited = milliseconds(890), seen->busy = seconds(1);
         seen->acked_bytes = 931'064, seen->rtt = milliseconds(905);
       },
       SlowVerdict::kBandwidth, "busy for 100 % of 1000 ms, 931064 bytes arrived"},
      {"a closed window, with a round trip of before",
       [](SlowEvidence* seen) {
         seen->receive_window_limited = seconds(1), seen->busy = seconds(1);
         seen->acked_bytes = 10'000, seen->rtt = milliseconds(905);
       },
       SlowVerdict::kReader, "closed for 100 %"},
      {"a window that opens and is full at once",
       [](SlowEvidence* seen) {
         seen->receive_window_limited = milliseconds(920), seen->busy = seconds(1);
         seen->acked_bytes = 16'778'800, seen->rtt = milliseconds(41);
       },
       SlowVerdict::kReader, "closed for 92 %"},
      {"losses", [](SlowEvidence* seen) { seen->busy = seconds(1), seen->retransmits = 10; },
       SlowVerdict::kNetwork, "10 of 1000 segments were sent again"},
      {"a few losses", [](SlowEvidence* seen) { seen->busy = seconds(1), seen->retransmits = 9; },
       SlowVerdict::kBandwidth, "9 of 1000 segments"},
      {"losses of very few", [](SlowEvidence* seen) { seen->segments = 3, seen->retransmits = 2; },
       SlowVerdict::kUnknown, "2 segments sent again"},
      {"a long way", [](SlowEvidence* seen) { seen->rtt_min = milliseconds(600); },
       SlowVerdict::kNetwork, "at best 600 ms"},
      {"a way that is full",
       [](SlowEvidence* seen) { seen->busy = milliseconds(990), seen->rtt = milliseconds(900); },
       SlowVerdict::kBandwidth, "busy for 99 % of 1000 ms, 1000 bytes arrived"},
      {"a late loop",
       [](SlowEvidence* seen) {
         seen->looks_unflushed = 2, seen->loop_lag = milliseconds(80), seen->busy = seconds(1);
       },
       SlowVerdict::kBroker, "2 of 4 looks, and the loop came up to 80 ms too late"},
      {"a late loop, and a socket that is full",
       [](SlowEvidence* seen) {
         seen->looks_unflushed = 1, seen->loop_lag = milliseconds(80), seen->busy = seconds(1);
       },
       SlowVerdict::kBandwidth, "busy"},
      {"a loop in time",
       [](SlowEvidence* seen) {
         seen->looks_unflushed = 4, seen->loop_lag = milliseconds(2), seen->busy = seconds(1);
       },
       SlowVerdict::kBandwidth, "busy"},
      {"its own limit", [](SlowEvidence* seen) { seen->looks_paced = 2, seen->busy = seconds(1); },
       SlowVerdict::kRateLimit, "used up in 2 of 4 looks"},
      {"no network", [](SlowEvidence* seen) { seen->network_known = false; }, SlowVerdict::kReader,
       "no network between"},
  };
  for (const Case& one : cases) {
    SlowEvidence seen = Quiet();
    one.change(&seen);
    const SlowVerdict verdict = Judge(seen);
    EXPECT_EQ(SlowVerdictText(verdict), SlowVerdictText(one.verdict)) << one.name;
    const std::string text = Describe(verdict, seen);
    EXPECT_NE(text.find(one.says), std::string::npos) << one.name << ": " << text;
  }
}

TEST(SlowVerdict, EvidenceIsWhatHappenedBetweenTwoSamples) {
  const NetworkSample begin{.known = true,
                            .busy = seconds(5),
                            .receive_window_limited = seconds(2),
                            .acked_bytes = 100,
                            .segments = 10,
                            .retransmits = 1};
  NetworkSample end = begin;
  end.busy += milliseconds(700);
  end.receive_window_limited += milliseconds(600);
  end.acked_bytes += 50, end.segments += 5, end.retransmits += 2;
  end.rtt = milliseconds(3), end.rtt_min = milliseconds(2);
  SlowEvidence seen{.window = seconds(1)};
  seen.AddNetwork(begin, end);
  EXPECT_EQ(seen.PercentOf(seen.busy), 70U);
  EXPECT_EQ(seen.PercentOf(seen.receive_window_limited), 60U);
  EXPECT_EQ(seen.acked_bytes, 50U);
  EXPECT_EQ(seen.segments, 5U);
  EXPECT_EQ(seen.retransmits, 2U);
  EXPECT_EQ(seen.rtt, milliseconds(3));
  end.retransmits = 0;
  seen.AddNetwork(begin, end);
  EXPECT_EQ(seen.retransmits, 0U) << "what was sent again before had not been lost";
}

TEST(SlowVerdict, AClockThatJumpsGivesNoImpossiblePercents) {
  EXPECT_EQ(SlowEvidence{}.PercentOf(seconds(1)), 0U) << "no window at all";
  const SlowEvidence seen{.window = milliseconds(1)};
  EXPECT_EQ(seen.PercentOf(seconds(9)), 100U);
  EXPECT_EQ(seen.PercentOf(-seconds(9)), 0U);
}

}  // namespace
}  // namespace esockets::broker
