#include "server/websocket/frame_decoder.h"

#include <algorithm>
#include <cstring>
#include <limits>

#include "server/websocket/close_status.h"
#include "server/websocket/mask.h"

namespace esockets::websocket {

FrameDecoder::Event FrameDecoder::Next(std::span<char>* bytes) {
  if (begun_ != nullptr && !in_frame_) begun_.reset();  // was told
  Event event;
  if (!in_frame_ && !TakeHeader(bytes, &event)) return event;
  if (bytes->empty() && payload_left_ > 0) return event;
  if (!is_control_) return TakeData(bytes);
  TakeControl(bytes, &event);
  return event;
}

FrameDecoder::Event FrameDecoder::Mistake(uint16_t status, std::string_view what) const {
  return {.kind = Kind::kMistake, .status = status, .mistake = what};
}

// Most headers lie whole in the bytes.
bool FrameDecoder::TakeHeader(std::span<char>* bytes, Event* event) {
  const size_t kept = header_bytes_;
  std::string_view seen(bytes->data(), bytes->size());
  if (kept > 0) {
    const size_t more = std::min(bytes->size(), header_.size() - kept);
    std::copy_n(bytes->data(), more, header_.data() + kept);
    seen = {header_.data(), kept + more};
  }
  FrameHeader header;
  size_t size = 0;
  std::string_view mistake;
  switch (ReadHeader(seen, may_compress_, &header, &size, &mistake)) {
    case HeaderResult::kIncomplete:
      if (kept == 0) std::copy_n(seen.data(), seen.size(), header_.data());
      header_bytes_ = static_cast<uint8_t>(seen.size());
      *bytes = {};
      return false;
    case HeaderResult::kMistake:
      break;
    case HeaderResult::kHeader:
      *bytes = bytes->subspan(size - kept);
      header_bytes_ = 0;
      mistake = Begin(header);
      break;
  }
  if (!mistake.empty()) *event = Mistake(kProtocolError, mistake);
  return mistake.empty();
}

// Returns what is wrong with such a frame here.
std::string_view FrameDecoder::Begin(const FrameHeader& header) {
  if (header.masked != (peer_ == Peer::kClient)) {
    return peer_ == Peer::kClient ? "a client's frame is not masked" : "a server's frame is masked";
  }
  is_control_ = IsControl(header.opcode);
  const bool continues = header.opcode == Opcode::kContinuation;
  if (!is_control_ && continues != in_message_) {
    return continues ? "a continuation of nothing" : "a message begins inside another";
  }
  in_frame_ = true;
  mask_ = header.mask;
  payload_left_ = header.payload_bytes;
  if (is_control_) {
    control_ = header.opcode;
    return {};
  }
  if (!continues) {
    message_ = header.opcode;
    compressed_ = header.compressed;
    in_message_ = begins_ = true;
    message_bytes_ = 0;
    text_ = {};
  }
  fin_ = header.fin;
  const uint64_t room = std::numeric_limits<uint64_t>::max() - message_bytes_;
  message_bytes_ += std::min(room, header.payload_bytes);
  return {};
}

std::span<char> FrameDecoder::TakePayload(std::span<char>* bytes) {
  const auto size = static_cast<size_t>(std::min<uint64_t>(bytes->size(), payload_left_));
  const std::span<char> payload = bytes->first(size);
  *bytes = bytes->subspan(size);
  payload_left_ -= size;
  if (peer_ == Peer::kClient) mask_ = Mask(payload, mask_);
  in_frame_ = payload_left_ > 0;
  return payload;
}

FrameDecoder::Event FrameDecoder::TakeData(std::span<char>* bytes) {
  const std::span<char> payload = TakePayload(bytes);
  const std::string_view piece(payload.data(), payload.size());
  const bool ends = fin_ && !in_frame_;
  if (message_ == Opcode::kText && !compressed_ &&
      (!text_.Put(piece) || (ends && !text_.complete()))) {
    return Mistake(kInvalidPayload, "a text is no valid UTF-8");
  }
  if (ends) in_message_ = false;
  const bool begins = begins_;
  begins_ = false;
  return {.kind = Kind::kData,
          .payload = payload,
          .opcode = message_,
          .begins = begins,
          .ends = ends,
          .compressed = compressed_};
}

void FrameDecoder::TakeControl(std::span<char>* bytes, Event* event) {
  const std::span<char> payload = TakePayload(bytes);
  *event = {.kind = Kind::kControl, .payload = payload, .opcode = control_};
  if (in_frame_ || begun_ != nullptr) {
    if (begun_ == nullptr) begun_ = std::make_unique<std::string>();
    begun_->append(payload.data(), payload.size());
    event->payload = *begun_;
  }
  if (in_frame_) *event = {};  // more of it comes
}

}  // namespace esockets::websocket
