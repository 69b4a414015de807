// Whatever is inflated stays within its limit, is what zlib alone makes of it (RFC 7692, section
// 7.2.2), and leaves nothing behind; and what is deflated comes back.
#include <zlib.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/websocket/deflate.h"
#include "tests/fuzz/expect.h"

namespace {

using esockets::tests::Expect;
using esockets::websocket::Deflater;
using esockets::websocket::Inflater;
using esockets::websocket::kWindowBitsMax;
using esockets::websocket::kWindowBitsMin;
using Result = Inflater::Result;

constexpr size_t kLimits[] = {0, 100, 1000, 65'536, 300'000};

// By zlib alone, with a buffer for the largest limit; nothing: it is corrupt, or longer. Streams
// that end inside are not followed.
std::optional<std::string> Naive(std::string_view payload, bool* ended) {
  std::string input(payload);
  input.append("\0\0\xff\xff", 4);
  std::string out(kLimits[4] + 1, '\0');
  z_stream stream{};
  Expect(inflateInit2(&stream, -15) == Z_OK, "no memory");
  stream.next_in = reinterpret_cast<Bytef*>(input.data());
  stream.avail_in = static_cast<uInt>(input.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  const int done = inflate(&stream, Z_SYNC_FLUSH);
  *ended = done == Z_STREAM_END;
  const size_t size = out.size() - stream.avail_out;
  inflateEnd(&stream);
  out.resize(size);
  const bool good = done == Z_OK || done == Z_BUF_ERROR || done == Z_STREAM_END;
  if (!good || size > kLimits[4]) return std::nullopt;
  return out;
}

void InflateWithin(std::string_view payload, size_t limit) {
  Inflater& inflater = Inflater::OfThisThread();
  std::span<char> message;
  const Result result = inflater.Inflate(payload, limit, &message);
  const std::string text(message.data(), message.size());
  std::fill(message.begin(), message.end(), 'x');
  inflater.Release();
  Expect(text.size() <= limit, "longer than it may be");
  Expect(result == Result::kMessage || text.empty(), "something of what is refused");
  bool ended = false;
  const std::optional<std::string> naive = Naive(payload, &ended);
  if (!ended && !payload.empty() && result == Result::kMessage) {
    Expect(naive.has_value() && *naive == text, "zlib makes something else of it");
  }
  if (!ended && !naive) Expect(result != Result::kMessage, "zlib refuses it");
  Expect(inflater.Inflate(payload, limit, &message) == result, "the second time is different");
  Expect(std::string_view(message.data(), message.size()) == text, "the second time is different");
  inflater.Release();
}

void ThereAndBack(std::string_view message, int window_bits) {
  const std::string_view payload = Deflater::OfThisThread(window_bits).Deflate(message);
  if (payload.empty()) return;
  Expect(payload.size() < message.size(), "it is not shorter");
  std::span<char> back;
  Inflater& inflater = Inflater::OfThisThread();
  Expect(inflater.Inflate(payload, message.size(), &back) == Result::kMessage, "it is refused");
  Expect(std::string_view(back.data(), back.size()) == message, "something else comes back");
  inflater.Release();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 1, size - 1);
  InflateWithin(bytes, kLimits[data[0] % std::size(kLimits)]);
  const int windows = kWindowBitsMax - kWindowBitsMin + 1;
  ThereAndBack(bytes, kWindowBitsMin + data[0] % windows);
  return 0;
}
