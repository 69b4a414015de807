// One connection to the broker, over any transport, that does what no client library would.
#ifndef TESTS_SOAK_WIRE_H_
#define TESTS_SOAK_WIRE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "bench/load/carrier.h"
#include "bench/load/tls_carrier.h"
#include "server/socket_address.h"
#include "server/unique_fd.h"
#include "tests/soak/poller.h"

namespace esockets::soak {

enum class Via : uint8_t { kTcp, kUnix, kWebSocket, kDeflatedWebSocket, kTls12, kTls13, kNarrow };

// Where the broker listens.
struct Doors {
  server::SocketAddress native;
  server::SocketAddress http;
  server::SocketAddress tls;
  server::SocketAddress unix_socket;
  server::SocketAddress narrow;  // few may be there at once, and come in a second
  server::SocketAddress administration;
  const load::TlsDialer* dialer = nullptr;

  const server::SocketAddress& Of(Via via) const;
};

class WireEvents {
 public:
  WireEvents() = default;
  WireEvents(const WireEvents&) = delete;
  WireEvents& operator=(const WireEvents&) = delete;
  virtual ~WireEvents() = default;
  // One ServerFrame, without its length.
  virtual void OnFrame(std::string_view body) = 0;
  // The broker or the network has ended it, or bytes came that are no frames. Once, and not after a
  // Close or Reset of our own.
  virtual void OnEnd(std::string_view why) = 0;
};

struct WireOptions {
  Via via = Via::kTcp;
  uint8_t source = 1;            // comes from 127.0.0.N
  int receive_buffer_bytes = 0;  // of the kernel; 0: its default
  bool has_carrier = true;       // false: the bytes are as they are, whatever is expected there
};

class Wire final : public Watched {
 public:
  Wire(Poller* poller, const Doors& doors, const WireOptions& options, WireEvents* events);

  // False: the kernel has no socket or no port for it; nothing else happens then.
  bool Open();
  bool is_open() const { return static_cast<bool>(fd_); }

  // Inside of what carries it; goes when the kernel takes it.
  void Send(std::string_view frames);
  // Around it.
  void SendRaw(std::string_view bytes);
  size_t unsent_bytes() const { return out_.size() - out_sent_; }

  void StopReading() { SetReading(false); }
  void ReadOn() { SetReading(true); }
  bool is_reading() const { return reads_; }

  // Our end of the stream; what was not sent yet is lost.
  void HalfClose();
  // Gone, with whatever the kernel says to that.
  void Close() { fd_.Reset(); }
  // Gone, with a reset.
  void Reset();

  void OnReady(uint32_t events) override;

 private:
  void SetReading(bool reads);
  void Flush();
  void Update();
  void Receive();
  void ReceiveCarried(std::span<char> carried);
  void TakeBytes(std::string_view bytes);
  void End(std::string_view why);
  // Returns the bytes used.
  size_t Cut(std::string_view bytes);

  Poller& poller_;
  const server::SocketAddress address_;
  const WireOptions options_;
  WireEvents& events_;
  server::UniqueFd fd_;
  std::unique_ptr<load::Carrier> carrier_;
  std::string out_;
  size_t out_sent_ = 0;
  std::string tail_;  // of a frame that has not come whole
  uint32_t watched_events_ = 0;
  bool reads_ = true;
  bool is_established_ = false;
  bool is_half_closed_ = false;
};

}  // namespace esockets::soak

#endif  // TESTS_SOAK_WIRE_H_
