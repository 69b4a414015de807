#include "server/websocket/deflate.h"

#include <zlib.h>

#include <algorithm>
#include <array>

#include "base/check.h"
#include "server/limits.h"
#include "server/websocket/limits.h"

namespace esockets::websocket {
namespace {

// A sender leaves out with what Z_SYNC_FLUSH ends (RFC 7692, section 7.2.1).
constexpr std::string_view kFlushEnd("\x00\x00\xff\xff", 4);

constexpr size_t kRoomBytes = server::kTailInScratchBytesMax;

Bytef* ToZlib(const char* bytes) { return reinterpret_cast<Bytef*>(const_cast<char*>(bytes)); }

}  // namespace

// --- out ----------------------------------------------------------------------------------------

Deflater::Deflater(int window_bits) : stream_(std::make_unique<z_stream>()) {
  constexpr int kMemoryLevel = 8;
  // Level 1 takes a third of the time of the default, for a tenth more bytes.
  const int made = deflateInit2(stream_.get(), Z_BEST_SPEED, Z_DEFLATED, -window_bits, kMemoryLevel,
                                Z_DEFAULT_STRATEGY);
  ESOCKETS_CHECK(made == Z_OK);
}

Deflater::~Deflater() { deflateEnd(stream_.get()); }

Deflater& Deflater::OfThisThread(int window_bits) {
  thread_local std::array<std::unique_ptr<Deflater>, kWindowBitsMax + 1> deflaters;
  std::unique_ptr<Deflater>& deflater = deflaters[static_cast<size_t>(window_bits)];
  if (deflater == nullptr) deflater = std::make_unique<Deflater>(window_bits);
  return *deflater;
}

std::string_view Deflater::Deflate(std::string_view message) {
  if (message.size() < kDeflateBytesMin) return {};
  // What does not fit into as much as the message is not shorter.
  buffer_.resize(message.size() + kFlushEnd.size());
  deflateReset(stream_.get());
  stream_->next_in = ToZlib(message.data());
  stream_->avail_in = static_cast<uInt>(message.size());
  stream_->next_out = ToZlib(buffer_.data());
  stream_->avail_out = static_cast<uInt>(buffer_.size());
  const int done = deflate(stream_.get(), Z_SYNC_FLUSH);
  if (done != Z_OK || stream_->avail_in > 0 || stream_->avail_out == 0) return {};
  const size_t size = buffer_.size() - stream_->avail_out - kFlushEnd.size();
  return size < message.size() ? std::string_view(buffer_.data(), size) : std::string_view();
}

// --- in -----------------------------------------------------------------------------------------

// A larger window than the peer's does for any.
Inflater::Inflater() : stream_(std::make_unique<z_stream>()) {
  ESOCKETS_CHECK(inflateInit2(stream_.get(), -kWindowBitsMax) == Z_OK);
  buffer_.resize(kRoomBytes);
}

Inflater::~Inflater() { inflateEnd(stream_.get()); }

Inflater& Inflater::OfThisThread() {
  thread_local Inflater inflater;
  return inflater;
}

Inflater::Result Inflater::Inflate(std::string_view payload, size_t bytes_max,
                                   std::span<char>* message) {
  inflateReset(stream_.get());
  message_bytes_ = 0;
  Result result = Put(payload, bytes_max);
  if (result == Result::kMessage) result = Put(kFlushEnd, bytes_max);
  *message = {buffer_.data() + kRoomBytes, message_bytes_};
  return result;
}

Inflater::Result Inflater::Put(std::string_view piece, size_t bytes_max) {
  stream_->next_in = ToZlib(piece.data());
  stream_->avail_in = static_cast<uInt>(piece.size());
  for (bool full = true; stream_->avail_in > 0 || full;) {
    if (buffer_.size() - kRoomBytes <= message_bytes_) {
      if (message_bytes_ > bytes_max) return Result::kTooLong;
      const size_t room = std::max(kInflateBufferKeptBytes, 2 * message_bytes_);
      buffer_.resize(kRoomBytes + std::min(room, bytes_max + 1));
    }
    const size_t room = buffer_.size() - kRoomBytes - message_bytes_;
    stream_->next_out = ToZlib(buffer_.data() + kRoomBytes + message_bytes_);
    stream_->avail_out = static_cast<uInt>(room);
    const int done = inflate(stream_.get(), Z_SYNC_FLUSH);
    message_bytes_ += room - stream_->avail_out;
    if (message_bytes_ > bytes_max) return Result::kTooLong;
    full = stream_->avail_out == 0;
    if (done == Z_BUF_ERROR) break;  // it needs more than there is
    // A block may say that it is the last (section 7.2.3.4).
    if (done == Z_STREAM_END) {
      inflateReset(stream_.get());
    } else if (done != Z_OK) {
      return Result::kCorrupt;
    }
  }
  return Result::kMessage;
}

void Inflater::Release() {
  if (buffer_.size() <= kRoomBytes + kInflateBufferKeptBytes) return;
  buffer_.resize(kRoomBytes);
  buffer_.shrink_to_fit();
}

}  // namespace esockets::websocket
