#include "server/websocket/close_status.h"

#include "base/utf8.h"
#include "server/websocket/limits.h"

namespace esockets::websocket {

bool MayBeSent(uint16_t status) {
  constexpr uint16_t kReserved = 1004;
  constexpr uint16_t kAbnormal = 1006;
  constexpr uint16_t kLastRegistered = 1014;  // 1015 says that TLS failed
  if (status < kNormalClosure) return false;
  if (status <= kLastRegistered) {
    return status != kReserved && status != kNoStatus && status != kAbnormal;
  }
  return status >= 3000 && status <= 4999;
}

CloseReason ParseClose(std::string_view payload, std::string_view* mistake) {
  if (payload.empty()) return {kNoStatus, {}};
  if (payload.size() == 1) {
    *mistake = "a Close of one byte";  // section 5.5.1
    return {kProtocolError, {}};
  }
  const auto status = static_cast<uint16_t>(static_cast<uint8_t>(payload[0]) << 8 |
                                            static_cast<uint8_t>(payload[1]));
  if (!MayBeSent(status)) {
    *mistake = "a Close with a status that is never sent";
    return {kProtocolError, {}};
  }
  if (!base::IsValidUtf8(payload.substr(2))) {
    *mistake = "the reason of a Close is no valid UTF-8";
    return {kInvalidPayload, {}};
  }
  return {status, std::string(payload.substr(2))};
}

std::string ClosePayload(uint16_t status, std::string_view text) {
  if (status == kNoStatus) return {};
  std::string payload;
  payload += static_cast<char>(status >> 8);
  payload += static_cast<char>(status & 0xFF);
  payload += base::CutUtf8(text, kControlPayloadBytesMax - payload.size());
  return payload;
}

}  // namespace esockets::websocket
