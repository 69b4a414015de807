// A stream gives the same frames and the same end however it is chopped, and CutFrame never asks
// for more than it needs. The first byte of the input chooses the size of the pieces, the second
// the limit.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "proto/frame_delimiter.h"
#include "tests/fuzz/expect.h"

namespace esockets::proto {
namespace {

using tests::Expect;

struct Outcome {
  std::vector<std::string> frames;
  CutResult end = CutResult::kIncomplete;
  bool operator==(const Outcome&) const = default;
};

// Reads `stream` as a connection does, `piece_bytes` at a time.
Outcome Read(std::string_view stream, size_t piece_bytes, uint32_t frame_bytes_max) {
  Outcome outcome;
  std::vector<char> tail;
  size_t needed = 1;
  while (!stream.empty()) {
    const std::string_view piece = stream.substr(0, piece_bytes);
    stream.remove_prefix(piece.size());
    tail.insert(tail.end(), piece.begin(), piece.end());
    while (!tail.empty()) {
      const std::string_view bytes(tail.data(), tail.size());
      std::string_view frame;
      size_t consumed = 0;
      const size_t asked = needed;
      outcome.end = CutFrame(bytes, frame_bytes_max, &frame, &consumed, &needed);
      if (outcome.end == CutResult::kIncomplete) {
        Expect(needed > bytes.size(), "asks for what it has");
        Expect(needed <= size_t{frame_bytes_max} + kFramePrefixBytesMax, "asks for too much");
        break;
      }
      Expect(bytes.size() >= asked, "needed less than it asked for");
      if (outcome.end != CutResult::kFrame) return outcome;
      Expect(!frame.empty() && frame.size() <= frame_bytes_max, "size of the frame");
      Expect(frame.data() + frame.size() == bytes.data() + consumed, "frame within its bytes");
      outcome.frames.emplace_back(frame);
      tail.erase(tail.begin(), tail.begin() + static_cast<std::ptrdiff_t>(consumed));
      needed = 1;
    }
  }
  return outcome;
}

void Check(std::string_view input) {
  if (input.size() < 2) return;
  const size_t piece_bytes = static_cast<uint8_t>(input[0]) + size_t{1};
  const uint32_t frame_bytes_max = uint32_t{1} << (static_cast<uint8_t>(input[1]) % 32);
  const std::string_view stream = input.substr(2);
  const Outcome whole = Read(stream, stream.size() + 1, frame_bytes_max);
  Expect(Read(stream, piece_bytes, frame_bytes_max) == whole, "chopped otherwise, read otherwise");
  Expect(Read(stream, 1, frame_bytes_max) == whole, "byte by byte, read otherwise");
}

}  // namespace
}  // namespace esockets::proto

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  esockets::proto::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
