#include "server/framing.h"

#include <algorithm>

namespace esockets::server {
namespace {

constexpr uint32_t kPrefixBytes = 4;

Cut CutLengthDelimited(std::string_view bytes, size_t message_bytes_max) {
  if (bytes.size() < kPrefixBytes) return {CutStatus::kIncomplete, {}};
  size_t length = 0;
  for (size_t i = 0; i < kPrefixBytes; ++i) {
    length = length << 8 | static_cast<unsigned char>(bytes[i]);
  }
  if (length > message_bytes_max) return {CutStatus::kTooLong, {}};
  if (bytes.size() - kPrefixBytes < length) return {CutStatus::kIncomplete, {}};
  return {CutStatus::kMessage, bytes.substr(kPrefixBytes, length), kPrefixBytes + length};
}

Cut CutLine(std::string_view bytes, size_t message_bytes_max) {
  const size_t end = bytes.substr(0, message_bytes_max + 2).find('\n');
  if (end == std::string_view::npos) {
    return {bytes.size() > message_bytes_max + 1 ? CutStatus::kTooLong : CutStatus::kIncomplete,
            {}};
  }
  std::string_view line = bytes.substr(0, end);
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.size() > message_bytes_max) return {CutStatus::kTooLong, {}};
  return {CutStatus::kMessage, line, end + 1};
}

}  // namespace

Cut CutMessage(Framing framing, std::string_view bytes, size_t message_bytes_max) {
  if (bytes.empty()) return {CutStatus::kIncomplete, {}};
  switch (framing) {
    case Framing::kLengthDelimited:
      return CutLengthDelimited(bytes, message_bytes_max);
    case Framing::kLine:
      return CutLine(bytes, message_bytes_max);
    case Framing::kRaw:
      break;
  }
  return {CutStatus::kMessage, bytes, bytes.size()};
}

uint32_t FramedBytes(Framing framing, std::string_view message) {
  const auto size = static_cast<uint32_t>(message.size());
  switch (framing) {
    case Framing::kLengthDelimited:
      return kPrefixBytes + size;
    case Framing::kLine:
      return size + 1;
    case Framing::kRaw:
      break;
  }
  return size;
}

void WriteFramed(Framing framing, std::string_view message, char* out) {
  if (framing == Framing::kLengthDelimited) {
    for (int shift = 24; shift >= 0; shift -= 8) {
      *out++ = static_cast<char>(message.size() >> shift & 0xFF);
    }
  }
  std::copy(message.begin(), message.end(), out);
  if (framing == Framing::kLine) out[message.size()] = '\n';
}

}  // namespace esockets::server
