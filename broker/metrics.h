// What a loop of the broker counts. Every refusal, every ending and every drop has its counter, by
// the code of the tables in errors.h.
#ifndef BROKER_METRICS_H_
#define BROKER_METRICS_H_

#include <array>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>

#include "absl/functional/function_ref.h"
#include "base/histogram.h"
#include "base/metrics.h"
#include "broker/errors.h"
#include "broker/gap.h"
#include "broker/resume_tickets.h"
#include "broker/slow_verdict.h"

namespace esockets::broker {

// Of one stream. What it keeps is counted on its home's loop, and may be a second old.
struct StreamMetrics {
  explicit StreamMetrics(std::string its_name) : name(std::move(its_name)) {}

  const std::string name;
  base::Counter messages;      // now, as the next ones
  base::Counter bytes;         // of frames
  base::Counter memory_bytes;  // with all that is kept for them
  base::Counter last_position;
  base::Counter retired_messages_total;  // let go of: a limit was reached
  base::Counter readers;                 // of this loop, now
};

// Thread: the loop writes, any may read.
struct Metrics {
  base::Counter clients;        // now
  base::Counter subscriptions;  // now
  base::Counter connects_total;
  base::Counter wills_total;  // published
  // Of the topics whose presence has its home on this loop.
  base::Counter presence_topics;         // now
  base::Counter presence_members;        // now, as told
  base::Counter presence_changes_total;  // reported to it: who came, and who went
  base::Counter presence_updates_total;  // published
  base::Counter published_messages_total;
  base::Counter published_bytes_total;     // of payloads
  base::Counter unmatched_messages_total;  // nobody was subscribed
  base::Counter delivered_messages_total;  // handed to the send queues
  base::Counter dropped_messages_total;
  base::Counter dropped_bytes_total;
  base::Counter gaps_total;
  base::Histogram fan_out;  // clients of the loop that a message went to
  base::Counter encodings;  // one for each message and wire form
  base::Counter runs;
  base::Counter forwarded_messages_total;  // to other loops, each once
  base::Counter output_pauses_total;       // of clients that were sent as much as they may be
  base::Counter input_pauses_total;        // of clients that sent faster than they may
  base::Counter exchange_pauses_total;     // of publishers, for want of credit of another loop
  base::Counter interest_pauses_total;     // of subscribers, while the other loops hear of filters
  base::Counter slow_total;                // times that a client became slow
  base::Counter slow_ms_total;             // that clients were slow, when they have caught up
  base::Counter sheds_total;               // times that the largest backlogs were cut
  base::Counter memory_bytes;              // that the process has; of the first loop alone, as
  base::Counter memory_level;              // how short it is: a MemoryLevel; and
  base::Counter memory_short_total;        // times that it became short
  base::Counter groups;                    // that have their home here, now
  base::Counter group_members;             // of these, now
  base::Counter group_recalled_messages_total;  // given to a member and not sent: for others again
  base::Counter stored_messages_total;          // in streams
  base::Counter repeated_messages_total;        // not stored: their id was known
  base::Counter stream_read_pages_total;        // read from streams, for whatever loop
  base::Counter stream_read_messages_total;     // delivered out of these
  std::array<base::Counter, kSlowVerdicts> slow_clients;  // now, by SlowVerdict
  std::array<base::Counter, kGapReasons> drops;           // of messages, by GapReason
  std::array<base::Counter, kTicketOutcomes> tickets;     // that were shown, by TicketOutcome
  std::array<base::Counter, 100> errors;                  // by ErrorCode - 100
  std::array<base::Counter, 100> closes;                  // by CloseCode - 200
  std::deque<StreamMetrics> streams;                      // the same ones, once the loop runs

  base::Counter& of(GapReason reason) { return drops[static_cast<size_t>(reason)]; }
  const base::Counter& of(GapReason reason) const { return drops[static_cast<size_t>(reason)]; }
  base::Counter& of(TicketOutcome outcome) { return tickets[static_cast<size_t>(outcome)]; }
  base::Counter& of(SlowVerdict verdict) { return slow_clients[static_cast<size_t>(verdict)]; }
  base::Counter& of(ErrorCode code) { return errors[static_cast<uint32_t>(code) - 100]; }
  base::Counter& of(CloseCode code) { return closes[static_cast<uint32_t>(code) - 200]; }

  // Every counter with its name, and the label of those that come in kinds.
  using Visitor = absl::FunctionRef<void(std::string_view name, std::string_view label, uint64_t)>;
  void ForEach(Visitor visit) const;
};

}  // namespace esockets::broker

#endif  // BROKER_METRICS_H_
