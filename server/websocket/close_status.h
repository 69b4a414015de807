// Why a WebSocket connection ends, as its Close frames say it (RFC 6455, section 7.4).
#ifndef SERVER_WEBSOCKET_CLOSE_STATUS_H_
#define SERVER_WEBSOCKET_CLOSE_STATUS_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace esockets::websocket {

// Numbers of the registry that we send; 4000 to 4999 are for applications.
inline constexpr uint16_t kNormalClosure = 1000;
inline constexpr uint16_t kGoingAway = 1001;
inline constexpr uint16_t kProtocolError = 1002;
inline constexpr uint16_t kUnsupportedData = 1003;
inline constexpr uint16_t kInvalidPayload = 1007;
inline constexpr uint16_t kMessageTooBig = 1009;
// A Close frame without any; never sent (section 7.4.1).
inline constexpr uint16_t kNoStatus = 1005;

// May a Close frame carry it (section 7.4.1 and 7.4.2)?
bool MayBeSent(uint16_t status);

struct CloseReason {
  uint16_t status = kNormalClosure;
  std::string text;
};

// Of the payload of a Close frame. What is wrong with it, if anything, is written to `mistake`, and
// what to answer is returned.
CloseReason ParseClose(std::string_view payload, std::string_view* mistake);

// The payload: the text is cut to what a control frame holds. Empty for kNoStatus.
std::string ClosePayload(uint16_t status, std::string_view text);

}  // namespace esockets::websocket

#endif  // SERVER_WEBSOCKET_CLOSE_STATUS_H_
