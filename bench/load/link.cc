#include "bench/load/link.h"

#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <span>
#include <utility>

#include "absl/status/statusor.h"
#include "bench/load/payload.h"
#include "bench/load/process_usage.h"
#include "server/sockets.h"

namespace esockets::load {

absl::Status Link::Open(const server::SocketAddress& address) {
  absl::StatusOr<server::UniqueFd> fd = server::StartConnect(address, server::SocketTuning{});
  if (!fd.ok()) return fd.status();
  fd_ = *std::move(fd);
  return absl::OkStatus();
}

void Link::Abort() {
  const linger none = {.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd_.get(), SOL_SOCKET, SO_LINGER, &none, sizeof none);
  Close();
}

bool Link::Flush() {
  if (out_.empty()) return true;
  if (carrier_ && out_wrapped_ < out_.size()) {
    std::string added = out_.substr(out_wrapped_);
    carrier_->Wrap(&added);
    out_.replace(out_wrapped_, std::string::npos, added);
    out_wrapped_ = out_.size();
  }
  const std::string_view unsent = out_;
  out_sent_ += SendSome(unsent.substr(out_sent_));
  if (out_sent_ < out_.size()) return false;
  out_.clear();
  out_sent_ = 0;
  out_wrapped_ = 0;
  return true;
}

size_t Link::SendSome(std::string_view bytes) {
  const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
  return sent > 0 ? static_cast<size_t>(sent) : 0;
}

bool Link::Receive(Scratch* scratch, Totals* totals) {
  return check_.sampling() ? SkipOrLook(scratch, totals) : ReceiveParsed(scratch, totals);
}

bool Link::SkipOrLook(Scratch* scratch, Totals* totals) {
  const bool look = ++receives_ % look_every_ == 0;
  const ssize_t got =
      ::recv(fd_.get(), scratch->bytes.data(), Scratch::kBytes, look ? 0 : MSG_TRUNC);
  if (got <= 0) return got < 0 && (errno == EAGAIN || errno == EINTR);
  const auto bytes = static_cast<size_t>(got);
  const uint64_t before = check_.messages();
  if (look) {
    check_.Inspect({scratch->bytes.data(), bytes});
    totals->bytes_looked_at += bytes;
  } else {
    check_.Skip(bytes);
  }
  totals->bytes_received += bytes;
  Count(before, totals);
  return true;
}

bool Link::ReceiveParsed(Scratch* scratch, Totals* totals) {
  char* const start = scratch->bytes.data();
  std::memcpy(start, tail_.data(), tail_.size());
  // What a carrier has kept of before comes out with it.
  const size_t room = (Scratch::kBytes - tail_.size()) / (carrier_ ? 2 : 1);
  const ssize_t got = ::recv(fd_.get(), start + tail_.size(), room, 0);
  if (got <= 0) return got < 0 && (errno == EAGAIN || errno == EINTR);
  totals->bytes_received += static_cast<size_t>(got);
  totals->bytes_looked_at += static_cast<size_t>(got);
  std::string_view bytes(start, tail_.size() + static_cast<size_t>(got));
  const std::span<char> received(start + tail_.size(), static_cast<size_t>(got));
  if (carrier_ && !Unwrap(received, scratch, &bytes)) {
    check_.OnBroken();
    return false;
  }
  if (totals->latencies_us != nullptr) now_ns_ = NowNs();
  const uint64_t before = check_.messages();
  const size_t used = Parse(bytes, totals);
  tail_.assign(bytes.substr(used));
  Count(before, totals);
  return true;
}

bool Link::Unwrap(std::span<char> received, Scratch* scratch, std::string_view* bytes) {
  std::string_view inside;
  std::string answer;
  if (!carrier_->Take(received, &inside, &answer)) return false;
  out_.insert(out_wrapped_, answer);
  out_wrapped_ += answer.size();
  char* const start = scratch->bytes.data();
  const size_t size = std::min(inside.size(), Scratch::kBytes - tail_.size());
  // Never to the right of where they lie.
  std::copy_n(inside.data(), size, start + tail_.size());
  *bytes = {start, tail_.size() + size};
  return size == inside.size();
}

size_t Link::Parse(std::string_view bytes, Totals* totals) {
  size_t at = 0;
  while (at < bytes.size()) {
    const Frame frame = protocol_.cut(bytes.substr(at));
    if (frame.kind == FrameKind::kIncomplete) break;
    if (frame.kind == FrameKind::kBroken) {
      check_.OnBroken();
      return bytes.size();
    }
    OnFrame(bytes.substr(at), frame, totals);
    at += frame.bytes;
    if (frame.kind == FrameKind::kMessage && look_every_ > 1) {
      check_.StartSampling(frame.bytes, frame.payload_at, frame.position);
      check_.Inspect(bytes.substr(at));
      return bytes.size();
    }
  }
  return at;
}

void Link::OnFrame(std::string_view bytes, const Frame& frame, Totals* totals) {
  switch (frame.kind) {
    case FrameKind::kMessage: {
      const char* const payload = bytes.data() + frame.payload_at;
      check_.OnMessage(GetSequence(payload));
      if (totals->latencies_us != nullptr && !may_lose) {
        totals->latencies_us->push_back(static_cast<float>(now_ns_ - GetDueTime(payload)) / 1e3F);
      }
      break;
    }
    case FrameKind::kConnected:
      ++totals->connected;
      is_connected_ = true;
      break;
    case FrameKind::kSubscribed:
      ++totals->subscribed;
      break;
    case FrameKind::kUnsubscribed:
      ++totals->unsubscribed;
      break;
    case FrameKind::kGap:
      check_.OnGap(frame.dropped);
      break;
    default:
      break;
  }
}

void Link::Count(uint64_t before, Totals* totals) {
  const uint64_t after = check_.messages();
  if (after == before) return;
  totals->deliveries += after - before;
  if (window_ != nullptr) window_->Received(before, after);
}

}  // namespace esockets::load
