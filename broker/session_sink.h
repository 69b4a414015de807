// Where a session's deliveries and answers go down: the broker's side of a connection. A gateway
// implements it over a socket, a test over nothing.
#ifndef BROKER_SESSION_SINK_H_
#define BROKER_SESSION_SINK_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/counted_block.h"
#include "base/on_loop.h"
#include "broker/errors.h"
#include "broker/messages.h"
#include "broker/network_sample.h"

namespace esockets {
class ServerFrame;
}

namespace esockets::broker {

class SessionEvents;

// What administration shows of a connection.
struct SinkView {
  std::string address;
  std::string_view transport;
  uint64_t bytes_in_total = 0;
  uint64_t bytes_out_total = 0;
  uint64_t send_queue_bytes = 0;
  uint64_t kernel_unsent_bytes = 0;
  uint64_t kernel_unacked_bytes = 0;  // with those that are not sent
  uint64_t recv_queue_messages = 0;
  uint64_t recv_queue_dropped_total = 0;
};

// Whose certificate a client has shown on the way in.
struct CertifiedPeer {
  std::string_view name;  // empty: it has shown none
  std::optional<std::chrono::sys_seconds> expires_at;
};

// What lies between the session and the kernel.
struct SendState {
  uint64_t queue_bytes = 0;
  base::TimePoint oldest{};  // when the first of these was taken; meaningful if there are any
  bool refused = false;      // the kernel takes no more
  // Out of the queue: to the kernel, or to a transport that cannot take them back. In the same
  // bytes as queue_bytes, whatever they are on the wire.
  uint64_t sent_bytes_total = 0;
};

// Would so many bytes more be above the mark? (A frame larger than the mark is not, when nothing
// else is unsent.)
constexpr bool IsAboveMark(size_t unsent_bytes, size_t more_bytes, size_t high_watermark_bytes) {
  return unsent_bytes > 0 && unsent_bytes + more_bytes > high_watermark_bytes;
}

// Answers that carry nothing but the request's id.
enum class Answer { kSubscribed, kUnsubscribed, kPublished, kPong };

// How many clients share a delivery: what is for a few does not wait for what is for many.
enum class FanOut : uint8_t { kFew, kMany };

class SessionSink {
 public:
  virtual ~SessionSink() = default;

  // --- whose it is: said here, so that not each session and outbox need say it once more

  // Never used again.
  virtual uint64_t session_id() const = 0;
  virtual SessionEvents& session_events() = 0;

  // The listener on which it came in, by its number.
  virtual size_t listener() const { return 0; }

  // --- deliveries, in order

  // Takes whole encoded frames. False, and nothing is taken, when the client is behind: they would
  // lift its unsent bytes above the mark, and the kernel has refused more.
  virtual bool TryDeliver(const base::BlockSpan& frames, size_t high_watermark_bytes,
                          FanOut fan_out) ESOCKETS_ON_LOOP = 0;

  // --- answers, in order with the deliveries; never refused

  virtual void SendAnswer(Answer answer, uint64_t id) ESOCKETS_ON_LOOP = 0;
  virtual void SendFrame(const ServerFrame& frame) ESOCKETS_ON_LOOP = 0;

  // Ends the connection with a Close frame. `flush_first`: after all that is queued; else whole
  // frames that are not on the wire yet are dropped. Nothing is accepted afterwards.
  struct Ending {
    CloseCode code;
    std::string_view detail;
    bool flush_first = false;
    uint32_t retry_after_ms = 0;
  };
  virtual void Close(const Ending& ending) ESOCKETS_ON_LOOP = 0;

  // --- input

  // Counted: no more commands until each pause is taken back.
  virtual void PauseReading() ESOCKETS_ON_LOOP = 0;
  virtual void ResumeReading() ESOCKETS_ON_LOOP = 0;

  // --- recv_queue mode

  // Saves published messages in the connection's recv_queue, if it has one.
  virtual void SaveReceived(const Messages& messages) ESOCKETS_ON_LOOP = 0;
  // The oldest saved message: encoded fields of the protocol's Message. Nothing: none waits, or it
  // is longer than `bytes_max`.
  virtual std::optional<std::string> PopReceived(size_t bytes_max) ESOCKETS_ON_LOOP = 0;

  virtual CertifiedPeer certified_peer() const ESOCKETS_ON_LOOP { return {}; }
  // Asks the client for a sign of life (Session::OnAlive). False: nothing on the way can.
  virtual bool ProbePeer() ESOCKETS_ON_LOOP { return false; }
  // Does the broker itself keep the client from sending at the moment?
  virtual bool reading_paused() const ESOCKETS_ON_LOOP = 0;
  virtual SinkView View() const ESOCKETS_ON_LOOP = 0;
  // SinkView::bytes_in_total alone.
  virtual uint64_t bytes_in_total() const ESOCKETS_ON_LOOP { return View().bytes_in_total; }
  virtual SendState send_state() const ESOCKETS_ON_LOOP = 0;
  // SendState::queue_bytes alone.
  virtual size_t unsent_bytes() const ESOCKETS_ON_LOOP = 0;
  // Costs system calls.
  virtual NetworkSample SampleNetwork() const ESOCKETS_ON_LOOP = 0;
};

}  // namespace esockets::broker

#endif  // BROKER_SESSION_SINK_H_
