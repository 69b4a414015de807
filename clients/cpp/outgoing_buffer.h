// What was published and no socket has taken yet: encoded frames back to back, bounded. Any thread
// adds at one end; the client's loop takes at the other.
#ifndef CLIENTS_CPP_OUTGOING_BUFFER_H_
#define CLIENTS_CPP_OUTGOING_BUFFER_H_

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "clients/cpp/delivery.h"
#include "clients/cpp/options.h"
#include "clients/cpp/reply_collector.h"

namespace esockets::client {

// What the broker says to a request.
struct Answer {
  // Where the Publish asked for it.
  std::optional<Delivery> delivery{};
  // Of a Publish to a topic of a stream.
  std::optional<Stored> stored{};
};

// Called once, on the client's loop.
using AnswerCallback = std::function<void(absl::StatusOr<Answer>)>;

// Ids up to this one are never buffered: they are free for what is sent first on each connection.
inline constexpr uint64_t kBufferedIdsAfter = 1 << 20;

struct PendingRequest {
  // Given by the buffer.
  uint64_t id = 0;
  // Published or Pong is the answer.
  AnswerCallback done{};
  // Otherwise what is published to `reply_topic`.
  std::shared_ptr<ReplyCollector> replies{};
  std::string reply_topic{};
  // Position behind its frame in the stream of all frames ever added.
  uint64_t end_offset = 0;
};

class OutgoingBuffer {
 public:
  // `wake` is called, on the adding thread, when the loop should Refill.
  OutgoingBuffer(size_t bytes_max, WhenFull when_full, std::function<void()> wake);
  OutgoingBuffer(const OutgoingBuffer&) = delete;
  OutgoingBuffer& operator=(const OutgoingBuffer&) = delete;

  // --- Thread: any

  // One frame. `may_wait`: false on the loop, where kBlock becomes kError. Errors:
  // kResourceExhausted; the reason of Close. Dropped frames are OK, and counted.
  absl::Status Add(std::string_view frame, bool may_wait);
  // Writes a frame that asks for an answer to this id.
  using Write = absl::FunctionRef<void(uint64_t id, std::string* frames)>;

  // A frame of about `bytes` with an answer; returns its id. Never dropped: kDropNewest becomes
  // kError, and so does kBlock where `room_until` is the epoch. Ids rise in the order of the
  // frames, as the broker wants them. Errors: as of Add; kDeadlineExceeded: no room until then.
  absl::StatusOr<uint64_t> AddRequest(size_t bytes, Write write, PendingRequest request,
                                      base::TimePoint room_until);
  // The same, beyond the limit: a Ping must get through when publishes wait for room.
  absl::StatusOr<uint64_t> AddControl(Write write, PendingRequest request);
  // The same, of what is meant for the connection that stands alone, until Withdraw. The answer is
  // somebody else's affair.
  absl::StatusOr<uint64_t> AddForConnection(Write write);

  // Nothing more is taken in: Add returns `reason`, and those that wait return with it.
  void Close(const absl::Status& reason);

  size_t bytes() const { return bytes_.load(std::memory_order_relaxed); }
  uint64_t dropped_messages_total() const { return dropped_.load(std::memory_order_relaxed); }

  // --- Thread: the loop

  // Whole frames in the order of adding, about `bytes_max` of them and at least one; empty: there
  // is nothing. Valid until the next call here. `requests` gets those that are new to the loop.
  std::string_view Front(size_t bytes_max, std::vector<PendingRequest>* requests);
  // The first `bytes` of Front are with a socket.
  void Consume(size_t bytes);
  // The connection is gone: what was added for it and not consumed is never in front.
  void Withdraw();
  // All that was ever consumed or passed over: what lies behind it survives a broken connection.
  uint64_t consumed_total() const { return consumed_total_; }

 private:
  // `until`: the epoch: not at all.
  absl::Status WaitForRoom(std::unique_lock<std::mutex>& lock, size_t bytes, base::TimePoint until);
  void Refill(std::vector<PendingRequest>* requests);
  bool PassOverWithdrawn();
  // These unlock.
  uint64_t AppendRequest(std::unique_lock<std::mutex>& lock, Write write, PendingRequest request);
  void Appended(std::unique_lock<std::mutex>& lock, size_t bytes);

  // Of a frame, in the stream of all frames ever added.
  struct Place {
    uint64_t begin;
    uint64_t end;
  };

  const size_t bytes_max_;
  const WhenFull when_full_;
  const std::function<void()> wake_;

  std::atomic<size_t> bytes_{0};
  std::atomic<uint64_t> dropped_{0};

  std::mutex mutex_;
  std::condition_variable room_;
  // Guarded by mutex_.
  std::string added_;
  std::vector<PendingRequest> requests_;
  std::deque<Place> for_connection_;  // not consumed, and not withdrawn
  uint64_t added_total_ = 0;
  uint64_t last_id_ = kBufferedIdsAfter;
  bool woken_ = false;  // since the last Front that found nothing more
  bool closed_ = false;
  absl::Status reason_;

  // The loop alone.
  std::deque<Place> withdrawn_;  // not passed over yet
  std::string front_;
  size_t front_offset_ = 0;
  uint64_t consumed_total_ = 0;
};

}  // namespace esockets::client

#endif  // CLIENTS_CPP_OUTGOING_BUFFER_H_
