// How sessions ended: the last ones of a loop, with what was known of them at that moment.
// Thread: the loop.
#ifndef BROKER_PAST_SESSION_H_
#define BROKER_PAST_SESSION_H_

#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "broker/errors.h"
#include "broker/flight_recorder.h"
#include "broker/limits.h"
#include "broker/session_sink.h"

namespace esockets::broker {

struct PastSession {
  uint64_t session_id = 0;
  std::string client_id;  // empty: it had none yet
  std::string name;
  std::string user;
  base::Duration connected{};  // for how long
  base::TimePoint ended{};
  int64_t ended_us = 0;  // the same by the clock on the wall
  CloseCode code{};
  std::string detail;
  SinkView sink;
  base::Duration oldest{};  // age of the oldest byte that the kernel had not taken
  uint64_t backlog_messages = 0;
  uint64_t backlog_bytes = 0;
  uint64_t messages_in_total = 0;
  uint64_t messages_out_total = 0;
  uint64_t dropped_messages_total = 0;
  std::vector<FlightStep> flight;  // empty after an ordinary end
};

// Did somebody want this end?
constexpr bool IsOrdinary(CloseCode code) {
  return code == CloseCode::kGoodbye || code == CloseCode::kShuttingDown;
}

class PastSessions {
 public:
  // The oldest makes room.
  void Add(PastSession&& past) {
    if (sessions_.size() == kPastSessionsMax) sessions_.pop_front();
    sessions_.push_back(std::move(past));
  }

  // The oldest first.
  const std::deque<PastSession>& sessions() const { return sessions_; }

 private:
  std::deque<PastSession> sessions_;
};

}  // namespace esockets::broker

#endif  // BROKER_PAST_SESSION_H_
