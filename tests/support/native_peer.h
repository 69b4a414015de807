// A client as small as it can be: one socket, whole frames or raw bytes, each wait bounded by a
// deadline. It has no manners of its own, so that a test can send what no client library would.
#ifndef TESTS_SUPPORT_NATIVE_PEER_H_
#define TESTS_SUPPORT_NATIVE_PEER_H_

#include <poll.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "proto/esockets.pb.h"
#include "server/socket_address.h"
#include "server/unique_fd.h"
#include "tests/support/client_frames.h"
#include "tests/support/websocket_stream.h"

namespace esockets::tests {

// Only what waits for ever is stopped by it: a test says something about time nowhere.
inline constexpr std::chrono::seconds kPatience{30};

// What carries the frames.
enum class PeerTransport { kTcp, kWebSocket, kDeflatedWebSocket };

struct PeerOptions {
  std::string source{};          // IPv4 address to come from; empty: the kernel chooses
  int receive_buffer_bytes = 0;  // of the kernel; 0: its default
  PeerTransport transport = PeerTransport::kTcp;
  bool answers_pings = true;  // of WebSocket
};

// Thread: one at a time. A failure of the socket is a failure of the test.
class NativePeer {
 public:
  using Options = PeerOptions;

  // The first two steps of a connection, apart for tests that count descriptors.
  explicit NativePeer(const Options& options = {});
  void Open(const server::SocketAddress& broker);
  // Both.
  explicit NativePeer(const server::SocketAddress& broker, const Options& options = {})
      : NativePeer(options) {
    Open(broker);
  }

  // Thousands of peers are kept as descriptors: a peer is made of one, and lets go of it again.
  explicit NativePeer(server::UniqueFd connected) : fd_(std::move(connected)) {}
  // REQUIRES: everything received was handed out.
  server::UniqueFd Take();

  // --- sending

  // All of it; over WebSocket as one message. False: the broker has gone, or took nothing for all
  // our patience.
  bool SendRaw(std::string_view bytes);
  // The same, as it is.
  bool SendToSocket(std::string_view bytes);
  // As much as the kernel takes at once; returns how much that was.
  size_t SendSome(std::string_view bytes);
  bool Send(const ClientFrame& frame) { return SendRaw(Framed(frame)); }
  // Our end of input; we go on reading.
  void EndOutput();
  // Gone, without a word. With a reset: what is unread or unsent is destroyed.
  void Disappear() { fd_.Reset(); }
  void Reset();

  // --- receiving

  // The next frame. Nothing: the broker has closed (ended() tells), or kPatience is over.
  std::optional<ServerFrame> Receive();
  // The next frame that is not a Message; those before it are thrown away.
  std::optional<ServerFrame> ReceiveAnswer();
  // True when the broker closed in good order after the last whole frame; waits for that.
  bool ReceiveEnd();
  // Waits for the end of the connection, in whatever way it comes.
  void WaitUntilGone();
  // The connection has ended: in good order, or by a reset.
  bool ended() const { return ended_; }
  bool was_reset() const { return was_reset_; }

  // --- conversations: each waits for its answer

  // Connected, or what came instead.
  std::optional<ServerFrame> Connect(std::string_view client_id = {});
  bool Subscribe(std::string_view filter);
  // A Ping answered: the broker has done everything before it.
  bool Ping();
  // A request to $SYS; the payload of the reply. REQUIRES: no other message arrives meanwhile.
  std::optional<std::string> Ask(std::string_view system_topic, std::string_view request);
  // Ids of requests, rising.
  uint64_t NextId() { return ++last_id_; }

  int fileno() const { return fd_.get(); }
  // Reads until so many Pings of WebSocket have come. REQUIRES, as below: over WebSocket.
  bool WaitForPings(int pings);
  const WebSocketStream& websocket() const { return *websocket_; }

 private:
  bool WaitFor(decltype(pollfd::events) events);
  // Takes what has arrived. False: there will be no more.
  bool ReceiveBytes();
  bool CutFrame(ServerFrame* frame);
  void ShakeHands(PeerTransport transport);

  server::UniqueFd fd_;
  PeerTransport transport_ = PeerTransport::kTcp;
  bool answers_pings_ = true;
  std::unique_ptr<WebSocketStream> websocket_;
  std::string received_;
  size_t used_ = 0;  // bytes of received_ that were handed out
  bool ended_ = false;
  bool was_reset_ = false;
  uint64_t last_id_ = 0;
};

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_NATIVE_PEER_H_
