#include "clients/cpp/outgoing_buffer.h"

#include <iterator>
#include <limits>
#include <utility>

#include "base/check.h"
#include "base/strings.h"
#include "proto/frame_delimiter.h"

namespace esockets::client {

OutgoingBuffer::OutgoingBuffer(size_t bytes_max, WhenFull when_full, std::function<void()> wake)
    : bytes_max_(bytes_max), when_full_(when_full), wake_(std::move(wake)) {}

absl::Status OutgoingBuffer::Add(std::string_view frame, bool may_wait) {
  std::unique_lock lock(mutex_);
  absl::Status status =
      WaitForRoom(lock, frame.size(), may_wait ? base::TimePoint::max() : base::TimePoint());
  if (absl::IsResourceExhausted(status) && when_full_ == WhenFull::kDropNewest) {
    dropped_.fetch_add(1, std::memory_order_relaxed);
    return absl::OkStatus();
  }
  if (!status.ok()) return status;
  added_.append(frame);
  Appended(lock, frame.size());
  return absl::OkStatus();
}

absl::StatusOr<uint64_t> OutgoingBuffer::AddRequest(size_t bytes, Write write,
                                                    PendingRequest request,
                                                    base::TimePoint room_until) {
  std::unique_lock lock(mutex_);
  const absl::Status status = WaitForRoom(lock, bytes, room_until);
  if (!status.ok()) return status;
  return AppendRequest(lock, write, std::move(request));
}

absl::StatusOr<uint64_t> OutgoingBuffer::AddControl(Write write, PendingRequest request) {
  std::unique_lock lock(mutex_);
  if (closed_) return reason_;
  return AppendRequest(lock, write, std::move(request));
}

absl::StatusOr<uint64_t> OutgoingBuffer::AddForConnection(Write write) {
  std::unique_lock lock(mutex_);
  if (closed_) return reason_;
  const size_t before = added_.size();
  write(last_id_ + 1, &added_);
  const size_t bytes = added_.size() - before;
  for_connection_.push_back({.begin = added_total_, .end = added_total_ + bytes});
  const uint64_t id = ++last_id_;
  Appended(lock, bytes);
  return id;
}

absl::Status OutgoingBuffer::WaitForRoom(std::unique_lock<std::mutex>& lock, size_t bytes,
                                         base::TimePoint until) {
  // A frame larger than the whole buffer still goes through an empty one.
  const auto fits = [this, bytes] {
    const size_t waiting = bytes_.load(std::memory_order_relaxed);
    return closed_ || waiting == 0 || waiting + bytes <= bytes_max_;
  };
  const bool waits = when_full_ == WhenFull::kBlock && until != base::TimePoint();
  if (waits) room_.wait_until(lock, until, fits);
  if (closed_) return reason_;
  if (fits()) return absl::OkStatus();
  return base::Error(
      waits ? absl::StatusCode::kDeadlineExceeded : absl::StatusCode::kResourceExhausted,
      "the outgoing buffer is full: ", this->bytes(), " bytes wait for the broker");
}

uint64_t OutgoingBuffer::AppendRequest(std::unique_lock<std::mutex>& lock, Write write,
                                       PendingRequest request) {
  const uint64_t id = ++last_id_;
  const size_t before = added_.size();
  write(id, &added_);
  const size_t bytes = added_.size() - before;
  request.id = id;
  request.end_offset = added_total_ + bytes;
  requests_.push_back(std::move(request));
  Appended(lock, bytes);
  return id;
}

void OutgoingBuffer::Appended(std::unique_lock<std::mutex>& lock, size_t bytes) {
  added_total_ += bytes;
  bytes_.fetch_add(bytes, std::memory_order_relaxed);
  const bool wake = !std::exchange(woken_, true);
  lock.unlock();
  if (wake) wake_();
}

void OutgoingBuffer::Close(const absl::Status& reason) {
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(closed_, true)) return;
    reason_ = reason;
  }
  room_.notify_all();
}

void OutgoingBuffer::Refill(std::vector<PendingRequest>* requests) {
  if (front_offset_ < front_.size()) return;
  front_.clear();
  front_offset_ = 0;
  const std::lock_guard lock(mutex_);
  front_.swap(added_);
  std::move(requests_.begin(), requests_.end(), std::back_inserter(*requests));
  requests_.clear();
  woken_ = !front_.empty();
}

bool OutgoingBuffer::PassOverWithdrawn() {
  if (withdrawn_.empty() || withdrawn_.front().begin != consumed_total_) return false;
  Consume(static_cast<size_t>(withdrawn_.front().end - consumed_total_));
  withdrawn_.pop_front();
  return true;
}

std::string_view OutgoingBuffer::Front(size_t bytes_max, std::vector<PendingRequest>* requests) {
  do {
    Refill(requests);
  } while (PassOverWithdrawn());
  const uint64_t stop = withdrawn_.empty() ? ~uint64_t{0} : withdrawn_.front().begin;
  const std::string_view waiting = std::string_view{front_}.substr(front_offset_);
  size_t bytes = 0;
  while (bytes < waiting.size() && (bytes == 0 || bytes < bytes_max) &&
         consumed_total_ + bytes != stop) {
    std::string_view frame;
    size_t consumed = 0;
    size_t needed = 0;
    const proto::CutResult cut = proto::CutFrame(
        waiting.substr(bytes), std::numeric_limits<uint32_t>::max(), &frame, &consumed, &needed);
    ESOCKETS_CHECK(cut == proto::CutResult::kFrame);  // we have written them
    bytes += consumed;
  }
  return waiting.substr(0, bytes);
}

void OutgoingBuffer::Consume(size_t bytes) {
  front_offset_ += bytes;
  consumed_total_ += bytes;
  {
    // Under the lock, or one that is about to wait would miss the notice.
    const std::lock_guard lock(mutex_);
    bytes_.fetch_sub(bytes, std::memory_order_relaxed);
    while (!for_connection_.empty() && for_connection_.front().end <= consumed_total_) {
      for_connection_.pop_front();
    }
  }
  room_.notify_all();
}

void OutgoingBuffer::Withdraw() {
  const std::lock_guard lock(mutex_);
  withdrawn_.insert(withdrawn_.end(), for_connection_.begin(), for_connection_.end());
  for_connection_.clear();
}

}  // namespace esockets::client
