// What the bytes of a link are inside of on their way, where it is not TCP alone.
#ifndef BENCH_LOAD_CARRIER_H_
#define BENCH_LOAD_CARRIER_H_

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace esockets::load {

enum class Transport : uint8_t { kTcp, kWebSocket, kDeflatedWebSocket, kTls12, kTls13 };

constexpr bool IsTls(Transport transport) {
  return transport == Transport::kTls12 || transport == Transport::kTls13;
}

class Carrier {
 public:
  Carrier() = default;
  Carrier(const Carrier&) = delete;
  Carrier& operator=(const Carrier&) = delete;
  virtual ~Carrier() = default;

  // Turns bytes to send into those of the wire; some of them may come with a later answer.
  virtual void Wrap(std::string* bytes) = 0;

  // Takes what was received, to write over it, and returns what was inside: valid until the next
  // call on this thread. What goes back on its own is appended to `answer`. False: the peer does
  // not speak this.
  virtual bool Take(std::span<char> received, std::string_view* inside, std::string* answer) = 0;

  // Of those that begin with a handshake of their own: it is done; it was short.
  virtual bool is_open() const { return true; }
  virtual bool is_resumed() const { return false; }
};

}  // namespace esockets::load

#endif  // BENCH_LOAD_CARRIER_H_
