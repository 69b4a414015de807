// Messages of one topic that carry their number, so that their subscriber knows which are missing.
#ifndef TESTS_SUPPORT_NUMBERED_H_
#define TESTS_SUPPORT_NUMBERED_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "gtest/gtest.h"
#include "proto/esockets.pb.h"
#include "tests/support/native_peer.h"

namespace esockets::tests {

// What a publisher of numbered messages sent, and what a subscriber knows of them.
class Numbered {
 public:
  explicit Numbered(std::string_view topic) : topic_(topic) {}

  // One frame; the message's number is its payload's beginning.
  std::string Next(size_t payload_bytes, uint64_t id = 0) {
    std::string payload = std::to_string(++published_) + " ";
    payload.resize(payload_bytes, 'x');
    return Framed(PublishFrame(topic_, payload, id));
  }

  // In order, without a hole that was not reported right before.
  void OnMessage(const Message& message) {
    const uint64_t number = std::stoull(message.payload());
    EXPECT_EQ(number, seen_ + 1) << topic_ << ": missing, and not reported";
    seen_ = number;
    ++delivered_;
  }

  void OnGap(const Gap& gap) {
    EXPECT_GT(gap.messages(), 0);
    EXPECT_GT(gap.bytes(), gap.messages());
    EXPECT_GT(gap.from_us(), 0);
    EXPECT_LE(gap.from_us(), gap.to_us());
    EXPECT_EQ(gap.reason(), Gap::BACKLOG_FULL);
    seen_ += gap.messages();
    reported_ += gap.messages();
    ++gaps_;
  }

  bool complete() const { return seen_ == published_; }
  uint64_t published() const { return published_; }
  uint64_t delivered() const { return delivered_; }
  uint64_t reported() const { return reported_; }
  uint64_t gaps() const { return gaps_; }

 private:
  const std::string topic_;
  uint64_t published_ = 0;
  uint64_t seen_ = 0;
  uint64_t delivered_ = 0;
  uint64_t reported_ = 0;
  uint64_t gaps_ = 0;
};

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_NUMBERED_H_
