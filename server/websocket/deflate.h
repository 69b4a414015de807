// permessage-deflate without context takeover (RFC 7692): each message is compressed by itself, so
// that one form of it serves all who agreed on it, and one inflater all who send. Thread: one.
#ifndef SERVER_WEBSOCKET_DEFLATE_H_
#define SERVER_WEBSOCKET_DEFLATE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

struct z_stream_s;

namespace esockets::websocket {

// Of the sender's window: 2 to the power of it (section 7.1.2). zlib has no smaller one.
inline constexpr int kWindowBitsMin = 9;
inline constexpr int kWindowBitsMax = 15;

class Deflater {
 public:
  explicit Deflater(int window_bits);
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;
  ~Deflater();

  // One of this thread.
  static Deflater& OfThisThread(int window_bits);

  // The payload of a compressed message, if it is shorter than the message; else empty. Valid until
  // the next call.
  std::string_view Deflate(std::string_view message);

 private:
  std::unique_ptr<z_stream_s> stream_;
  std::vector<char> buffer_;
};

class Inflater {
 public:
  Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  ~Inflater();

  static Inflater& OfThisThread();

  enum class Result : uint8_t { kMessage, kCorrupt, kTooLong };
  // Of a whole message's payload: what it was, with kTailInScratchBytesMax bytes of room in front;
  // to be written over, and valid until Release. Stops above `bytes_max`.
  Result Inflate(std::string_view payload, size_t bytes_max, std::span<char>* message);
  // Gives back what a long message took.
  void Release();

 private:
  // Of one piece of the payload.
  Result Put(std::string_view piece, size_t bytes_max);

  std::unique_ptr<z_stream_s> stream_;
  std::vector<char> buffer_;  // room in front, then the message
  size_t message_bytes_ = 0;
};

}  // namespace esockets::websocket

#endif  // SERVER_WEBSOCKET_DEFLATE_H_
