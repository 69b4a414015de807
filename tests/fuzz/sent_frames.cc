#include "tests/fuzz/sent_frames.h"

#include <utility>

namespace esockets::tests {

// Walks all ways through the frames at once.
bool SentFrames::Explain(std::string_view received) const {
  using Place = std::pair<size_t, size_t>;  // frames behind it, bytes behind it
  std::set<Place> open = {{0, 0}};
  while (!open.empty()) {
    const auto [at, offset] = open.extract(open.begin()).value();
    const std::string_view rest = received.substr(offset);
    if (rest.empty()) return true;
    for (const size_t drop : drops_) {
      if (drop > at) open.emplace(drop, offset);
    }
    if (at == frames_.size()) continue;
    const Frame& frame = frames_[at];
    if (frame.taken != Taken::kYes) open.emplace(at + 1, offset);
    if (frame.taken == Taken::kNo) continue;
    if (frame.bytes.starts_with(rest)) return true;
    if (rest.starts_with(frame.bytes)) open.emplace(at + 1, offset + frame.bytes.size());
  }
  return false;
}

}  // namespace esockets::tests
