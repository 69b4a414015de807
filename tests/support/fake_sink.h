// A client's connection without a socket: takes what a session sends, lets the "kernel" have as
// much of it as the test says, and decodes that back into frames.
#ifndef TESTS_SUPPORT_FAKE_SINK_H_
#define TESTS_SUPPORT_FAKE_SINK_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/counted_block.h"
#include "base/on_loop.h"
#include "broker/errors.h"
#include "broker/session_sink.h"
#include "gateways/native/native_codec.h"
#include "proto/esockets.pb.h"

namespace esockets::tests {

class FakeSink final : public broker::SessionSink {
 public:
  static constexpr size_t kUnlimited = std::numeric_limits<size_t>::max();

  // What goes wrong, to see whether a test would notice.
  enum class Fault {
    kNone,
    kLoseGap,        // a Gap does not arrive
    kWrongGap,       // a Gap says one message too few
    kLateGap,        // a Gap arrives behind the message that follows it
    kSwapMessages,   // two messages change places
    kRepeatMessage,  // one arrives twice
    kLoseMessage,    // one does not arrive, and nobody says so
    kSkipSlice,      // a flush passes it by
    kDoubleOffer,    // a delivery is made twice
  };

  // --- what the test decides

  // Bytes that the kernel takes before it refuses; each Read makes as much room again.
  void set_window(size_t bytes) { window_bytes_ = bytes; }
  void Read(size_t bytes);
  // As long as the kernel takes it, unsent bytes leave at the end of the turn, or when a delivery
  // finds too many of them. Returns true when the session should hear OnSendQueueLow: they had
  // been refused or too many, and are few now.
  bool Flush();
  void set_low_watermark(size_t bytes) { low_watermark_bytes_ = bytes; }
  void set_on_low(std::function<void()> on_low) { on_low_ = std::move(on_low); }
  void set_fault(Fault fault, uint32_t every) { fault_ = fault, fault_every_ = every; }
  // What the transport knows of the way; when the first byte that is unsent was taken.
  void set_network(const broker::NetworkSample& network) { network_ = network; }
  void set_oldest(base::TimePoint oldest) { oldest_ = oldest; }
  void set_reading_paused(bool paused) { reading_paused_ = paused; }
  void set_on_answer(std::function<void(broker::Answer, uint64_t id)> hook) {
    on_answer_ = std::move(hook);
  }
  void set_session(uint64_t id, broker::SessionEvents* events) { id_ = id, events_ = events; }
  void set_listener(size_t listener) { listener_ = listener; }
  std::deque<std::string> recv_queue;

  // --- what happened

  // Frames that have arrived since the last call.
  std::vector<ServerFrame> TakeFrames();
  uint64_t sent_bytes_total() const { return sent_bytes_total_; }
  size_t unsent_bytes() const override { return unsent_.size(); }
  bool refused() const { return refused_; }
  uint64_t deliver_calls() const { return deliver_calls_; }
  uint64_t deliveries_taken() const { return deliveries_taken_; }
  uint64_t late_frames() const { return late_frames_; }  // deliveries and answers behind Close
  size_t unfinished_bytes() const { return arriving_.size(); }  // of a frame that has not arrived
  struct Closed {
    broker::CloseCode code;
    std::string detail;
    bool flush_first;
    uint32_t retry_after_ms;
  };
  const std::optional<Closed>& closed() const { return closed_; }

  // --- broker::SessionSink
  uint64_t session_id() const override { return id_; }
  broker::SessionEvents& session_events() override { return *events_; }
  size_t listener() const override { return listener_; }
  bool TryDeliver(const base::BlockSpan& frames, size_t high_watermark_bytes,
                  broker::FanOut fan_out) override ESOCKETS_ON_LOOP;
  void SendAnswer(broker::Answer answer, uint64_t id) override ESOCKETS_ON_LOOP;
  void SendFrame(const ServerFrame& frame) override ESOCKETS_ON_LOOP;
  void Close(const Ending& ending) override ESOCKETS_ON_LOOP;
  void PauseReading() override ESOCKETS_ON_LOOP { ++pauses_; }
  void ResumeReading() override ESOCKETS_ON_LOOP { --pauses_; }
  void SaveReceived(const broker::Messages& messages) override ESOCKETS_ON_LOOP;
  std::optional<std::string> PopReceived(size_t bytes_max) override ESOCKETS_ON_LOOP;
  bool reading_paused() const override ESOCKETS_ON_LOOP { return reading_paused_ || pauses_ > 0; }
  broker::SinkView View() const override ESOCKETS_ON_LOOP;
  broker::SendState send_state() const override ESOCKETS_ON_LOOP;
  broker::NetworkSample SampleNetwork() const override ESOCKETS_ON_LOOP { return network_; }

 private:
  void Append(std::string_view frames);
  void Arrive(const ServerFrame& frame);
  bool FaultIsDue(bool fits);

  uint64_t id_ = 0;
  size_t listener_ = 0;
  broker::SessionEvents* events_ = nullptr;
  native::NativeCodec codec_;
  std::string unsent_;
  std::string arriving_;  // an unfinished frame
  std::vector<ServerFrame> frames_;
  std::optional<ServerFrame> held_back_;
  size_t window_bytes_ = kUnlimited;
  size_t low_watermark_bytes_ = 1024;
  bool refused_ = false;
  broker::NetworkSample network_;
  base::TimePoint oldest_{};
  bool awaiting_low_ = false;
  bool reading_paused_ = false;
  int pauses_ = 0;
  std::function<void()> on_low_ = [] {};
  std::function<void(broker::Answer, uint64_t)> on_answer_ = [](broker::Answer, uint64_t) {};
  std::optional<Closed> closed_;
  uint64_t sent_bytes_total_ = 0;
  uint64_t deliver_calls_ = 0;
  uint64_t deliveries_taken_ = 0;
  uint64_t late_frames_ = 0;
  Fault fault_ = Fault::kNone;
  uint32_t fault_every_ = 1;
  uint32_t fault_chances_ = 0;
};

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_FAKE_SINK_H_
