// Every limit of the broker: name, unit, default, reason. The defaults are safe on the open
// Internet; docs/OPERATIONS.md says how each is configured.
#ifndef BROKER_LIMITS_H_
#define BROKER_LIMITS_H_

#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "base/topic.h"
#include "broker/client_rates.h"

namespace esockets::broker {

// Posted to another loop at once: a long turn does not keep the other loops waiting.
inline constexpr size_t kBatchBytesMax = 256 << 10;

// Interests that a loop has announced or withdrawn and another has not confirmed: whoever changes
// one more waits until half of them are.
inline constexpr size_t kInterestChangesMax = 4096;

// Publishes to one topic that are taken at once: bounds what is noted of tiny ones, as many as a
// receive buffer of 64 KiB holds at 16 bytes.
inline constexpr size_t kPublishesMax = 4096;

// A message for so many clients of a loop is for a few: its sends take a fraction of a slice of
// flushing, and go in front of those of a fan-out to thousands.
inline constexpr size_t kFewSubscribersMax = 64;

// --- the ledger of slow clients: broker/slow_ledger

// Between two looks at clients that may be slow; so many in one turn, at 2 µs each.
inline constexpr base::Duration kSlowLookInterval = std::chrono::milliseconds(250);
inline constexpr size_t kSlowLooksPerTurn = 32;

// The kernel has refused bytes for so long: the client is slow, whether or not it is behind. And a
// verdict rests on at least so much time.
inline constexpr base::Duration kSlowAfter = std::chrono::milliseconds(500);
inline constexpr base::Duration kSlowWindow = std::chrono::seconds(1);

// TCP sends less after a loss and then, without any, more and more until the next one: the verdict
// is "network" until there was none for so long.
inline constexpr base::Duration kSlowLossMemory = std::chrono::seconds(5);

// Clients of a loop that were slow, and are remembered until they go: about 4 MiB.
inline constexpr size_t kSlowPastEntriesMax = 10'000;

// Messages that a look at a client drops or finds too old: the rest waits for the next one.
inline constexpr size_t kWorthlessLooksMax = 256;

// --- what became of a message: broker/confirmations
// Answers that a client may wait for, and how long one may take.
inline constexpr uint32_t kConfirmationsMax = 1000;
inline constexpr base::Duration kConfirmTimeMax = std::chrono::seconds(60);

// Clients in all the receipts of a loop, 16 bytes each; what is above is told at once, as queued.
inline constexpr uint64_t kReceiptClientsMax = 200'000;

// Clients that are asked in one turn whether the message is written; and the pause between two
// looks at those for which it is not.
inline constexpr size_t kReceiptLooksPerTurn = 512;
inline constexpr base::Duration kReceiptPauseMin = std::chrono::milliseconds(1);
inline constexpr base::Duration kReceiptPauseMax = std::chrono::milliseconds(50);

// --- flight records and endings: broker/flight_recorder, broker/past_session
// Steps of a connection; those of one kind and topic within so much time are one.
inline constexpr size_t kFlightSteps = 64;
inline constexpr base::Duration kFlightStepTime = std::chrono::milliseconds(100);

// Recorders of a loop, 3 KiB each. One whose connection has been idle for so long is given back;
// when all are in use, to another connection after a shorter time. Idle: whatever it says, and
// bytes of an answer.
inline constexpr size_t kFlightRecordersMax = 4096;
inline constexpr base::Duration kFlightUnusedMax = std::chrono::minutes(5);
inline constexpr uint32_t kFlightIdleFlushBytes = 16;
inline constexpr base::Duration kFlightUnusedMin = std::chrono::seconds(10);

// Endings that a loop remembers, with their records 4 MiB.
inline constexpr size_t kPastSessionsMax = 1000;

// --- streams: broker/streams, broker/stream_readers

// Frames that a reader gets at once, and messages that are looked at for them: so large that a send
// is full, so small that thousands of readers hold little.
inline constexpr uint32_t kStreamPageBytes = 64 << 10;
inline constexpr uint32_t kStreamLooksMax = 4096;

// Readers that get theirs in one turn, and messages looked at for all of them: about 100 µs.
inline constexpr size_t kStreamReadsPerTurn = 8;
inline constexpr uint32_t kStreamLooksPerTurn = 8192;

// Between two looks at what is too old.
inline constexpr base::Duration kRetainPauseMin = std::chrono::milliseconds(10);
inline constexpr base::Duration kRetainPauseMax = std::chrono::seconds(1);

// For the metrics.
inline constexpr base::Duration kStreamFiguresPause = std::chrono::seconds(1);
inline constexpr size_t kMessageIdBytesMax = 64;
inline constexpr size_t kStreamNameBytesMax = 64;

// --- last values: broker/last_value_quota

// New topics may come at once as far as there were fewer in this time.
inline constexpr base::Duration kNewTopicsWindow = std::chrono::seconds(10);

// --- groups: broker/group, broker/group_deliveries

inline constexpr size_t kGroupNameBytesMax = 128;
// What a member is given ahead of what it is known to have got. Above the high-water mark: it is
// behind before this is used up.
inline constexpr size_t kGroupWindowMessages = 4096;
inline constexpr uint64_t kGroupWindowBytes = 1 << 20;

// --- last wills: broker/wills

inline constexpr base::Duration kWillDelayMax = std::chrono::hours(24);
// Of those that wait on one loop, and of their frames: one more is published at once.
inline constexpr size_t kWillsMax = 100'000;
inline constexpr uint64_t kWillsBytesMax = 64 << 20;

// --- presence: broker/presence

// Members that an update names, that a page of the roster lists, and their bytes: below a frame.
inline constexpr size_t kPresenceChangesMax = 500;
inline constexpr size_t kPresencePageMembersMax = 1000;
inline constexpr size_t kPresenceBytesMax = 64 << 10;
// Changes that a loop reports at once, about 1 ms of work; topics looked after in one turn.
inline constexpr size_t kPresenceReportMax = 1024;
inline constexpr size_t kPresenceTopicsPerTurn = 32;
inline constexpr uint32_t kPresenceAsksMax = 16;  // rosters that a client may wait for
// Of the configuration: a window of 0 would be an update for each change.
inline constexpr base::Duration kPresenceWindowMin = std::chrono::milliseconds(10);
inline constexpr base::Duration kPresenceTimeMax = std::chrono::hours(1);

// --- the memory of all backlogs: broker/backlog_governor

// Above this part of Limits::backlogs_bytes_max the largest backlogs are cut, down to that part.
// (A message that would go above all of it finds no place.)
constexpr uint64_t ShedAboveBytes(uint64_t bytes_max) { return bytes_max - bytes_max / 8; }
constexpr uint64_t ShedToBytes(uint64_t bytes_max) { return bytes_max - bytes_max / 4; }

// Between two lines in the log that say so.
inline constexpr base::Duration kShedLogInterval = std::chrono::seconds(10);

// May change while the broker runs; a session looks them up when it needs them.
struct Limits {
  // --- the way in
  // From accept to a Connect that was accepted.
  base::Duration connect_timeout = std::chrono::seconds(10);
  uint32_t first_packet_bytes_max = 64 << 10;  // frame size until then
  size_t clients_max = 1'000'000;
  uint32_t reconnects_per_second = 2'000;  // who are asked to leave, or closed; each at its time
  uint32_t clients_per_user_max = 0;       // 0: none
  size_t client_id_bytes_max = 64;
  size_t name_bytes_max = 128;
  size_t metadata_entries_max = 16;
  size_t metadata_bytes_max = 1024;
  // Told to clients that do not choose one themselves; zero: none is asked for.
  base::Duration keep_alive{};

  // --- what a client sends
  ClientRates rates;
  uint32_t frame_bytes_max = 1 << 20;
  uint32_t payload_bytes_max = 1'000'000;
  base::TopicLimits topic;
  uint32_t wildcard_levels_max = 0;  // of a filter with wildcards; 0: as topic
  uint32_t headers_max = 32;
  size_t header_bytes_max = 1024;
  size_t key_bytes_max = 256;
  size_t disconnect_reason_bytes_max = 256;
  uint32_t subscriptions_max = 10'000;  // of one client
  uint32_t stream_readings_max = 0;     // of these, that read what was kept; 0: none
  // Topics with presence that a client may be on: each is a member that its home remembers.
  uint32_t presence_topics_per_client_max = 100;

  // --- what waits for a client that is behind
  // Unsent bytes above which a client that the kernel refuses is behind.
  size_t high_watermark_bytes = 256 << 10;
  // The same for a subscription that conflates, if it is lower: what is unsent can not be replaced
  // by something newer, so the less there is, the fresher is what arrives.
  size_t conflate_watermark_bytes = 32 << 10;
  uint32_t backlog_messages_max = 10'000;  // of one subscription; default and upper bound
  uint32_t backlog_age_max_ms = 0;  // of its oldest message; default and upper bound; 0: none
  // Of one subscription: bytes of frames. Of one client: with the memory of their entries.
  uint64_t backlog_bytes_max = 8 << 20;
  // The same of all clients; a frame that several of them wait for counts for each.
  uint64_t backlogs_bytes_max = 1 << 30;

  uint64_t memory_bytes_max = 0;  // of the process: broker/memory_levels; 0: no limit

  // --- between two loops, in each direction
  // Messages handed over and not yet routed: at this mark the publishers to that loop are paused,
  // the loop is not. Fixed when the broker starts.
  uint64_t exchange_bytes_max = 4 << 20;
  uint32_t admin_page_max = 1'000;  // entries of one answer of administration
};

}  // namespace esockets::broker

#endif  // BROKER_LIMITS_H_
