// What the generator writes into each payload, so that a receiver knows what it got: a sequence
// number and a time, 8 bytes each in the machine's order, then filler.
#ifndef BENCH_LOAD_PAYLOAD_H_
#define BENCH_LOAD_PAYLOAD_H_

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace esockets::load {

inline constexpr size_t kPayloadBytesMin = 16;
inline constexpr size_t kSequenceBytes = 8;

inline void PutNumber(char* at, uint64_t value) { std::memcpy(at, &value, sizeof value); }

inline uint64_t GetNumber(const char* at) {
  uint64_t value = 0;
  std::memcpy(&value, at, sizeof value);
  return value;
}

// A publisher's number in the upper bits, and its messages counted from 0 without a hole.
inline constexpr int kPublisherShift = 48;
inline void PutSequence(char* payload, uint64_t sequence) { PutNumber(payload, sequence); }
inline uint64_t GetSequence(const char* payload) { return GetNumber(payload); }

// Nanoseconds of the monotonic clock at which the message was due, whenever it was sent.
inline void PutDueTime(char* payload, uint64_t ns) { PutNumber(payload + kSequenceBytes, ns); }
inline uint64_t GetDueTime(const char* payload) { return GetNumber(payload + kSequenceBytes); }

}  // namespace esockets::load

#endif  // BENCH_LOAD_PAYLOAD_H_
