#include "tests/soak/garbage.h"

#include <array>

#include "base/strings.h"
#include "tests/support/client_frames.h"

namespace esockets::soak {

using tests::ConnectFrame;
using tests::Framed;

namespace {

constexpr std::string_view kUpgrade =
    "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
    "Sec-WebSocket-Protocol: esockets.v1\r\n\r\n";

// A ClientHello's beginning.
constexpr std::string_view kHello("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11);
constexpr std::string_view kMqttConnect("\x10\x0c\x00\x04MQTT\x04\x02\x00\x3c\x00\x00", 14);
constexpr std::string_view kProxy = "PROXY TCP4 10.0.0.1 10.0.0.2 1 2\r\n";

std::string BrokenHttp(Dice* dice) {
  static constexpr std::array<std::string_view, 6> kRequests = {
      "GET / HTTP/1.1\r\n\r\n",
      "GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 99999999999999999999\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Version: 12\r\n\r\n",
      "BREW / HTCPCP/1.0\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: keep-alive\r\n\r\nGET",
  };
  if (dice->OneIn(4)) return base::StrCat("GET / HTTP/1.1\r\nX: ", std::string(20000, 'x'));
  return Mutated(std::string(dice->Pick(kRequests)), dice);
}

}  // namespace

std::string Mutated(std::string bytes, Dice* dice) {
  for (uint64_t times = dice->Below(4); times > 0 && !bytes.empty(); --times) {
    const size_t at = dice->Below(bytes.size());
    switch (dice->Below(4)) {
      case 0:
        bytes[at] = static_cast<char>(dice->Below(256));
        break;
      case 1:
        bytes.erase(at, dice->Between(1, 4));
        break;
      case 2:
        bytes.insert(at, dice->Bytes(dice->Between(1, 4)));
        break;
      default:
        bytes += bytes.substr(at);
    }
  }
  return bytes;
}

std::string BrokenFrame(Dice* dice) {
  switch (dice->Below(4)) {
    case 0:
      return std::string("\xff\xff\xff\xff\x0f", 5) + dice->Bytes(dice->Below(100));
    case 1:
      return std::string(1, '\0');
    case 2:
      return std::string("\xff\xff\xff\xff\xff\xff", 6);
    default:
      return Framed(dice->Bytes(dice->Between(1, 300)));
  }
}

std::string BrokenWebSocket(Dice* dice) {
  // A text, a frame without a mask, a control frame that is too long, a continuation of nothing.
  static constexpr std::array<std::string_view, 5> kFrames = {
      std::string_view("\x81\x82\x00\x00\x00\x00hi", 8), std::string_view("\x82\x02hi", 4),
      std::string_view("\x89\xfe\x01\x00\x00\x00\x00\x00", 8),
      std::string_view("\x80\x80\x00\x00\x00\x00", 6),
      std::string_view("\x88\x82\x00\x00\x00\x00\x00\x01", 8)};
  if (dice->OneIn(4)) return base::StrCat(kUpgrade, dice->Bytes(dice->Below(500)));
  return base::StrCat(kUpgrade, Mutated(std::string(dice->Pick(kFrames)), dice));
}

std::string FirstWords(Dice* dice) {
  switch (dice->Below(8)) {
    case 0:
      return dice->Bytes(dice->Between(1, 2000));
    case 1:
      return BrokenHttp(dice);
    case 2:
      return Mutated(std::string(kHello) + dice->Bytes(dice->Below(600)), dice);
    case 3:
      return Mutated(std::string(kMqttConnect), dice);
    case 4:
      return BrokenFrame(dice);
    case 5: {
      ClientFrame hello = ConnectFrame("garbled");
      hello.mutable_connect()->set_token("a token");
      return Mutated(Framed(hello), dice);
    }
    case 6:
      return std::string(kProxy);
    default:
      return BrokenWebSocket(dice);
  }
}

}  // namespace esockets::soak
