// Encoded frames that lie back to back: views of bytes that somebody else keeps.
#ifndef BASE_FRAME_SEQUENCE_H_
#define BASE_FRAME_SEQUENCE_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace esockets::base {

struct FrameSequence {
  std::string_view bytes;          // what the offsets below count in
  uint32_t begin = 0;              // of the first frame
  std::span<const uint32_t> ends;  // ascending offsets behind each frame

  bool empty() const { return ends.empty(); }
  size_t count() const { return ends.size(); }
  std::string_view view() const {
    return empty() ? std::string_view() : bytes.substr(begin, ends.back() - begin);
  }
  // REQUIRES: !empty()
  std::string_view front() const { return bytes.substr(begin, ends.front() - begin); }

  std::string_view back() const {
    const uint32_t from = count() == 1 ? begin : ends[count() - 2];
    return bytes.substr(from, ends.back() - from);
  }

  // REQUIRES: n <= count()
  FrameSequence First(size_t n) const { return {bytes, begin, ends.first(n)}; }
  void RemoveFirst(size_t n) {
    if (n == 0) return;
    begin = ends[n - 1];
    ends = ends.subspan(n);
  }
};

}  // namespace esockets::base

#endif  // BASE_FRAME_SEQUENCE_H_
