#include "tests/support/fake_sink.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "proto/frame_delimiter.h"
#include "proto/message_frame.h"

namespace esockets::tests {

bool FakeSink::TryDeliver(const base::BlockSpan& frames, size_t high_watermark_bytes,
                          broker::FanOut) {
  ++deliver_calls_;
  while (broker::IsAboveMark(unsent_.size(), frames.size(), high_watermark_bytes)) {
    if (refused_) return false;
    // As on a socket: the session may hear of room within its own delivery.
    if (Flush()) on_low_();
  }
  ++deliveries_taken_;
  Append(frames.view());
  if (fault_ == Fault::kDoubleOffer && FaultIsDue(true)) Append(frames.view());
  if (unsent_.size() > high_watermark_bytes) awaiting_low_ = true;
  return true;
}

void FakeSink::SendAnswer(broker::Answer answer, uint64_t id) {
  on_answer_(answer, id);
  std::string encoded;
  codec_.AppendAnswer(answer, id, &encoded);
  Append(encoded);
}

void FakeSink::SendFrame(const ServerFrame& frame) {
  std::string encoded;
  codec_.AppendFrame(frame, &encoded);
  Append(encoded);
}

void FakeSink::Close(const Ending& ending) {
  ESOCKETS_CHECK(!closed_);
  closed_ = {ending.code, std::string(ending.detail), ending.flush_first, ending.retry_after_ms};
  if (!ending.flush_first) unsent_.clear();
}

void FakeSink::SaveReceived(const broker::Messages& messages) {
  for (base::FrameSequence rest = messages.frames; !rest.empty(); rest.RemoveFirst(1)) {
    recv_queue.emplace_back(proto::FieldsOfFrame(rest.front()));
  }
}

std::optional<std::string> FakeSink::PopReceived(size_t bytes_max) {
  if (recv_queue.empty() || recv_queue.front().size() > bytes_max) return std::nullopt;
  std::string oldest = std::move(recv_queue.front());
  recv_queue.pop_front();
  return oldest;
}

broker::SinkView FakeSink::View() const {
  return {.address = "sim",
          .transport = "sim",
          .bytes_out_total = sent_bytes_total_,
          .send_queue_bytes = unsent_.size(),
          .recv_queue_messages = recv_queue.size()};
}

broker::SendState FakeSink::send_state() const {
  return {.queue_bytes = unsent_.size(),
          .oldest = oldest_,
          .refused = refused_,
          .sent_bytes_total = sent_bytes_total_};
}

void FakeSink::Append(std::string_view frames) {
  if (closed_) {
    ++late_frames_;
  } else {
    unsent_.append(frames);
  }
}

void FakeSink::Read(size_t bytes) {
  window_bytes_ = bytes > kUnlimited - window_bytes_ ? kUnlimited : window_bytes_ + bytes;
  refused_ = false;
}

bool FakeSink::Flush() {
  if (fault_ == Fault::kSkipSlice && FaultIsDue(!unsent_.empty())) return false;
  const size_t taken = std::min(window_bytes_, unsent_.size());
  if (window_bytes_ != kUnlimited) window_bytes_ -= taken;
  sent_bytes_total_ += taken;
  arriving_.append(unsent_, 0, taken);
  unsent_.erase(0, taken);
  refused_ = !unsent_.empty();
  if (refused_) awaiting_low_ = true;

  std::string_view rest = arriving_;
  std::string_view body;
  size_t consumed = 0;
  size_t needed = 0;
  while (proto::CutFrame(rest, 64 * 1024 * 1024, &body, &consumed, &needed) ==
         proto::CutResult::kFrame) {
    ServerFrame frame;
    ESOCKETS_CHECK(frame.ParseFromArray(body.data(), static_cast<int>(body.size())));
    Arrive(frame);
    rest.remove_prefix(consumed);
  }
  arriving_.erase(0, arriving_.size() - rest.size());
  if (refused_ || unsent_.size() > low_watermark_bytes_) return false;
  return std::exchange(awaiting_low_, false) && !closed_;
}

std::vector<ServerFrame> FakeSink::TakeFrames() { return std::exchange(frames_, {}); }

bool FakeSink::FaultIsDue(bool fits) { return fits && ++fault_chances_ % fault_every_ == 0; }

void FakeSink::Arrive(const ServerFrame& frame) {
  const bool is_message = frame.has_message();
  std::optional<ServerFrame> before = std::exchange(held_back_, std::nullopt);
  switch (fault_) {
    case Fault::kNone:
    case Fault::kSkipSlice:
    case Fault::kDoubleOffer:
      break;
    case Fault::kLoseGap:
      if (FaultIsDue(frame.has_gap())) return;
      break;
    case Fault::kWrongGap:
      if (FaultIsDue(frame.has_gap())) {
        frames_.push_back(frame);
        frames_.back().mutable_gap()->set_messages(frame.gap().messages() - 1);
        return;
      }
      break;
    case Fault::kLateGap:
      if (FaultIsDue(frame.has_gap())) {
        held_back_ = frame;
        return;
      }
      break;
    case Fault::kSwapMessages:
      if (!before && FaultIsDue(is_message)) {
        held_back_ = frame;
        return;
      }
      break;
    case Fault::kRepeatMessage:
      if (FaultIsDue(is_message)) frames_.push_back(frame);
      break;
    case Fault::kLoseMessage:
      if (FaultIsDue(is_message)) return;
      break;
  }
  frames_.push_back(frame);
  if (before) frames_.push_back(*before);
}

}  // namespace esockets::tests
