// What was queued for a peer, as frames: which bytes may have reached it?
#ifndef TESTS_FUZZ_SENT_FRAMES_H_
#define TESTS_FUZZ_SENT_FRAMES_H_

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace esockets::tests {

class SentFrames {
 public:
  // One that may have been taken, or not. Returns its number.
  size_t Add(std::string frame) {
    frames_.push_back({std::move(frame), Taken::kMaybe});
    return frames_.size() - 1;
  }
  // It was; it was not.
  void Settle(size_t number, bool taken) {
    frames_[number].taken = taken ? Taken::kYes : Taken::kNo;
  }
  // Of the frames so far, the last ones may be dropped: those of which no byte is on the wire.
  void MayDrop() { drops_.push_back(frames_.size()); }

  // Are these the first bytes of what was queued, in order?
  bool Explain(std::string_view received) const;

 private:
  enum class Taken { kMaybe, kYes, kNo };
  struct Frame {
    std::string bytes;
    Taken taken;
  };

  std::vector<Frame> frames_;
  std::vector<size_t> drops_;  // numbers of frames, up to which some may be dropped
};

}  // namespace esockets::tests

#endif  // TESTS_FUZZ_SENT_FRAMES_H_
