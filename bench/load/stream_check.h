// Checks what one subscriber receives: nothing lost, nothing out of order.
//
// Two ways. Parsed: every frame is cut by the protocol and its sequence number looked at. Sampled,
// for a subscriber whose deliveries are all equally long: the first frame teaches the length, and
// from then on the byte offset in the stream says which sequence number stands where. (With a
// position they become longer where that takes another byte: also known beforehand.) So most
// receives need only be counted (the kernel drops the bytes, MSG_TRUNC) and a sample of them is
// looked at, every frame of it. A lost or an extra frame moves all that follows: the next look sees
// it, and the count at the end too. What can escape is two frames that change places within bytes
// that were not looked at.
#ifndef BENCH_LOAD_STREAM_CHECK_H_
#define BENCH_LOAD_STREAM_CHECK_H_

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace esockets::load {

// Faults, summed over the subscribers of a run.
struct Faults {
  uint64_t lost = 0;
  uint64_t reordered = 0;
  uint64_t broken = 0;   // streams that could not be understood
  uint64_t dropped = 0;  // the broker said so itself

  bool any() const { return lost + reordered + broken + dropped > 0; }
  void Add(const Faults& other);
};

class StreamCheck {
 public:
  // kEvery: the numbers 0, 1, 2 ... of one publisher. kRising: some numbers of several publishers,
  // those of each in their order.
  enum class Expect : uint8_t { kEvery, kRising };

  explicit StreamCheck(Expect expect) : expect_(expect) {}

  // A frame that was cut.
  void OnMessage(uint64_t sequence);
  // The broker says that it dropped messages: they are no losses that it kept quiet about.
  void OnGap(uint64_t messages);
  void OnBroken() { ++faults_.broken; }

  // The frame last given to OnMessage was `frame_bytes` long with its payload at `payload_at`, and
  // so are all that follow; but for their positions, which rise by one from `position` on, written
  // as a varint behind the payload. 0: they have none. REQUIRES: kEvery.
  void StartSampling(size_t frame_bytes, size_t payload_at, uint64_t position = 0);
  bool sampling() const { return frame_bytes_ > 0; }

  // REQUIRES: sampling(). The next bytes of the stream; Skip: nobody looked at them.
  void Inspect(std::string_view bytes);
  void Skip(size_t bytes);

  // Whole messages received.
  uint64_t messages() const { return messages_; }
  const Faults& faults() const { return faults_; }

 private:
  void Advance(size_t bytes) {
    offset_ += bytes;
    messages_ = messages_before_ + offset_ / frame_bytes_;
  }
  // How many of the next bytes are of frames that are equally long.
  size_t EquallyLong(size_t bytes);
  void InspectPart(std::string_view bytes);
  void OnRising(uint64_t sequence);
  void Unexpected(uint64_t found, uint64_t expected);

  const Expect expect_;
  uint64_t messages_ = 0;
  uint64_t next_ = 0;                // expected sequence number
  std::vector<uint64_t> next_of_{};  // kRising: the least one, by publisher
  Faults faults_;

  // --- sampling
  size_t frame_bytes_ = 0;
  size_t payload_at_ = 0;
  // Of a part, in which frames are equally long.
  uint64_t messages_before_ = 0;  // received when it started
  uint64_t sequence_before_ = 0;  // expected then
  uint64_t position_before_ = 0;  // of its first frame; 0: none has one
  uint64_t part_frames_ = 0;
  uint64_t offset_ = 0;  // bytes since
};

}  // namespace esockets::load

#endif  // BENCH_LOAD_STREAM_CHECK_H_
