// A stream gives the same messages however it is chopped, and what was framed is cut out again. The
// first byte of the input chooses the framing, the second the size of the pieces, the third the
// limit.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/framing.h"
#include "tests/fuzz/expect.h"

namespace esockets::server {
namespace {

using tests::Expect;

struct Outcome {
  std::vector<std::string> messages;
  bool too_long = false;
  bool operator==(const Outcome&) const = default;
};

Outcome Read(Framing framing, std::string_view stream, size_t piece_bytes, size_t bytes_max) {
  Outcome outcome;
  std::string tail;
  while (!stream.empty()) {
    tail += stream.substr(0, piece_bytes);
    stream.remove_prefix(std::min(piece_bytes, stream.size()));
    while (!outcome.too_long) {
      const Cut cut = CutMessage(framing, tail, bytes_max);
      if (cut.status == CutStatus::kIncomplete) break;
      outcome.too_long = cut.status == CutStatus::kTooLong;
      if (outcome.too_long) return outcome;
      Expect(cut.message.size() <= bytes_max, "a message longer than the limit");
      Expect(cut.consumed_bytes > 0 && cut.consumed_bytes <= tail.size(), "consumed bytes");
      outcome.messages.emplace_back(cut.message);
      tail.erase(0, cut.consumed_bytes);
    }
  }
  return outcome;
}

void RoundTrip(Framing framing, std::string_view message) {
  std::string framed(FramedBytes(framing, message), '\0');
  WriteFramed(framing, message, framed.data());
  const Cut cut = CutMessage(framing, framed, message.size());
  Expect(cut.status == CutStatus::kMessage, "what was framed is cut out");
  Expect(cut.message == message && cut.consumed_bytes == framed.size(), "and is the same");
}

void Check(std::string_view input) {
  if (input.size() < 3) return;
  const Framing framing = input[0] % 2 == 0 ? Framing::kLengthDelimited : Framing::kLine;
  const size_t piece_bytes = 1 + static_cast<unsigned char>(input[1]);
  const size_t bytes_max = static_cast<unsigned char>(input[2]);
  const std::string_view stream = input.substr(3);
  Expect(Read(framing, stream, piece_bytes, bytes_max) == Read(framing, stream, 1, bytes_max),
         "chopping changes the messages");
  // A line can hold neither its own end nor a last "\r".
  const bool is_line = stream.find('\n') == std::string_view::npos && !stream.ends_with('\r');
  if (framing == Framing::kLengthDelimited || is_line) RoundTrip(framing, stream);
}

}  // namespace
}  // namespace esockets::server

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  esockets::server::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
