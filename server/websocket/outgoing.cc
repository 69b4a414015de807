#include "server/websocket/outgoing.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <span>

#include "server/gathered_send.h"
#include "server/limits.h"
#include "server/websocket/limits.h"

namespace esockets::websocket {

using server::FlushResult;
using server::SendQueue;

// The pieces of one send, in order, and what each of them is.
class Outgoing::Plan {
 public:
  enum class Kind : uint8_t { kControl, kHeader, kPayload, kClose };

  bool full() const { return count_ == pieces_.size(); }
  // Is there room for a header and a piece of its message?
  bool has_room_for_message() const { return count_ + 2 <= pieces_.size(); }
  size_t bytes() const { return bytes_; }
  std::span<iovec> pieces() { return {pieces_.data(), count_}; }
  size_t count() const { return count_; }
  Kind kind(size_t i) const { return kinds_[i]; }
  size_t piece_bytes(size_t i) const { return pieces_[i].iov_len; }
  // Of the message that the header announces.
  uint32_t message_bytes(size_t i) const { return message_bytes_[i]; }

  void Add(Kind kind, std::string_view bytes) {
    kinds_[count_] = kind;
    pieces_[count_++] = server::ToVector(bytes);
    bytes_ += bytes.size();
  }

  // The last `left` bytes of the header.
  void AddHeader(uint32_t message_bytes, size_t left) {
    message_bytes_[count_] = message_bytes;
    char* header = headers_[count_].data();
    const size_t size = WriteHeader(Opcode::kBinary, false, message_bytes, header);
    Add(Kind::kHeader, {header + size - left, left});
  }

  // As many of the next bytes of the queue as have room; false: not all of them have.
  bool AddPayload(SendQueue::Cursor* cursor, size_t bytes) {
    while (bytes > 0 && !full()) {
      const std::string_view piece = cursor->Take(bytes);
      Add(Kind::kPayload, piece);
      bytes -= piece.size();
    }
    return bytes == 0;
  }

 private:
  // What is not yet written is not read either.
  std::array<iovec, server::kSpansPerSendMax> pieces_;
  std::array<Kind, server::kSpansPerSendMax> kinds_;
  std::array<uint32_t, server::kSpansPerSendMax> message_bytes_;
  std::array<std::array<char, kServerHeaderBytesMax>, server::kSpansPerSendMax> headers_;
  size_t count_ = 0;
  size_t bytes_ = 0;
};

// --- what is ours -------------------------------------------------------------------------------

namespace {

// Of the control frame that begins there.
size_t FrameBytesAt(const std::string& frames, size_t begin) {
  return HeaderBytes(0) + static_cast<uint8_t>(frames[begin + 1]);
}

}  // namespace

void Outgoing::AddControl(Opcode opcode, std::string_view payload) {
  if (end_ != End::kNone) return;
  if (own_ == nullptr) own_ = std::make_unique<Own>();
  std::string& frames = own_->control;
  frames += ControlFrame(opcode, payload);
  while (frames.size() > kControlQueueBytesMax) {
    const size_t oldest = own_->begun_bytes;
    frames.erase(oldest, FrameBytesAt(frames, oldest));
  }
}

void Outgoing::AddClose(std::string_view payload) {
  if (end_ != End::kNone) return;
  if (own_ == nullptr) own_ = std::make_unique<Own>();
  own_->close = ControlFrame(Opcode::kClose, payload);
  end_ = End::kQueued;
}

void Outgoing::DropUnsentFrames(SendQueue& queue, server::SendPool& pool) const {
  queue.DropUnsentFrames(pool, message_left_);
}

// --- sending ------------------------------------------------------------------------------------

FlushResult Outgoing::Flush(SendQueue& queue, int fd, server::SocketApi& api,
                            server::SendPool& pool, size_t* wire_bytes, int* error) {
  *wire_bytes = 0;
  if (end_ == End::kBegun) queue.Clear(pool);
  if (queue.empty() && own_ == nullptr) return FlushResult::kEmpty;
  Plan plan;
  MakePlan(queue, &plan);
  const ssize_t sent = server::SendGathered(plan.pieces(), fd, api, pool);
  if (sent == -EAGAIN || sent == -EWOULDBLOCK) return FlushResult::kRefused;
  if (sent < 0) {
    *error = static_cast<int>(-sent);
    return FlushResult::kFailed;
  }
  *wire_bytes = static_cast<size_t>(sent);
  NoteSent(plan, *wire_bytes, queue, pool);
  if (queue.empty() && own_ == nullptr) return FlushResult::kEmpty;
  return *wire_bytes < plan.bytes() ? FlushResult::kRefused : FlushResult::kMore;
}

// What has begun comes first; then control frames, messages, and the Close.
void Outgoing::MakePlan(const SendQueue& queue, Plan* plan) const {
  SendQueue::Cursor cursor(queue);
  const bool control_begun = own_ != nullptr && own_->begun_bytes > 0;
  if (!control_begun) {
    const size_t begun = BytesToBoundary(queue);
    if (header_left_ > 0) plan->AddHeader(message_left_, header_left_);
    if (!plan->AddPayload(&cursor, begun) || plan->full()) return;
  }
  if (own_ != nullptr && !own_->control.empty()) plan->Add(Plan::Kind::kControl, own_->control);
  PlanMessages(&cursor, plan);
  if (own_ == nullptr || own_->close.empty() || !cursor.done() || plan->full()) return;
  plan->Add(Plan::Kind::kClose, own_->close);
}

void Outgoing::PlanMessages(SendQueue::Cursor* cursor, Plan* plan) const {
  while (!cursor->done() && plan->has_room_for_message()) {
    if (form_ == Form::kFramed) {
      plan->AddPayload(cursor, cursor->piece_bytes());
      continue;
    }
    // Whole spans, as far as they have room in the message and in the plan.
    size_t bytes = 0;
    size_t spans = 0;
    for (SendQueue::Cursor ahead = *cursor; !ahead.done(); ++spans) {
      const size_t more = ahead.piece_bytes();
      if (bytes + more > kSealedBytesMax || plan->count() + 1 + spans == server::kSpansPerSendMax) {
        break;
      }
      bytes += more;
      ahead.Take(more);
    }
    if (bytes == 0) bytes = kSealedBytesMax;  // of a span that is longer
    plan->AddHeader(static_cast<uint32_t>(bytes), HeaderBytes(bytes));
    plan->AddPayload(cursor, bytes);
  }
}

void Outgoing::NoteSent(const Plan& plan, size_t sent_bytes, SendQueue& queue,
                        server::SendPool& pool) {
  for (size_t i = 0; i < plan.count() && sent_bytes > 0; ++i) {
    const size_t bytes = std::min(sent_bytes, plan.piece_bytes(i));
    sent_bytes -= bytes;
    switch (plan.kind(i)) {
      case Plan::Kind::kHeader:
        header_left_ = static_cast<uint8_t>(plan.piece_bytes(i) - bytes);
        message_left_ = plan.message_bytes(i);
        break;
      case Plan::Kind::kPayload:
        queue.Consume(bytes, pool);
        message_left_ -= std::min(message_left_, static_cast<uint32_t>(bytes));
        break;
      case Plan::Kind::kControl:
        NoteControlSent(bytes);
        break;
      case Plan::Kind::kClose:
        NoteCloseSent(bytes);
        break;
    }
  }
}

void Outgoing::NoteControlSent(size_t sent_bytes) {
  std::string& frames = own_->control;
  while (sent_bytes > 0) {
    const size_t frame = own_->begun_bytes > 0 ? own_->begun_bytes : FrameBytesAt(frames, 0);
    const size_t bytes = std::min(sent_bytes, frame);
    frames.erase(0, bytes);
    own_->begun_bytes = frame - bytes;
    sent_bytes -= bytes;
  }
  if (frames.empty() && own_->close.empty()) own_.reset();
}

void Outgoing::NoteCloseSent(size_t sent_bytes) {
  end_ = End::kBegun;
  own_->close.erase(0, sent_bytes);
  if (own_->close.empty()) own_.reset();
}

}  // namespace esockets::websocket
