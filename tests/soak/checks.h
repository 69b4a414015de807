// Each holds what came against one promise. A check returns what was expected and what came; empty:
// the promise is kept. Messages are numbered by their publisher, each topic has one publisher.
#ifndef TESTS_SOAK_CHECKS_H_
#define TESTS_SOAK_CHECKS_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace esockets::soak {

using Numbers = std::map<std::string, uint64_t, std::less<>>;  // by topic

// A subscription to one topic under DROP_OLDEST: a hole is told right in front of what is behind
// it.
class LiteralCheck {
 public:
  // `first`: the number of the first message that it has to get.
  explicit LiteralCheck(uint64_t first) : next_(first) {}

  std::string OnMessage(uint64_t number);
  void OnGap(uint64_t messages) { next_ += messages; }
  // Everything up to `last` came or was told.
  bool IsComplete(uint64_t last) const { return next_ == last + 1; }
  std::string AtEnd(uint64_t last) const;

 private:
  uint64_t next_;
};

// A subscription with a wildcard under DROP_OLDEST: a Gap does not say which topics it is about.
class WildcardCheck {
 public:
  // `before`: the number of each topic's last message that it does not get.
  explicit WildcardCheck(Numbers before) : last_(std::move(before)) {}

  // Two promises: the first is about order, the second about Gaps.
  std::string CheckOrder(std::string_view topic, uint64_t number);
  std::string CheckHoles() const;
  void OnGap(uint64_t messages) { reported_ += messages; }
  bool IsComplete(const Numbers& last) const { return came_ + reported_ == Expected(last); }
  std::string AtEnd(const Numbers& last) const;

 private:
  uint64_t Expected(const Numbers& last) const;

  Numbers last_;
  uint64_t before_ = Sum(last_);
  uint64_t came_ = 0;
  uint64_t missing_ = 0;   // holes in front of what came
  uint64_t reported_ = 0;  // by Gaps

  static uint64_t Sum(const Numbers& numbers);
};

// A reader of a stream, over several connections: every message, once, under rising positions.
class StreamCheck {
 public:
  explicit StreamCheck(Numbers before) : last_(std::move(before)) {}

  std::string OnMessage(std::string_view topic, uint64_t number, uint64_t position);
  bool IsComplete(const Numbers& last) const { return last_ == last; }
  // Of those up to `last`.
  uint64_t Missing(const Numbers& last) const;
  std::string AtEnd(const Numbers& last) const;
  uint64_t position() const { return position_; }
  void set_position(uint64_t position) { position_ = position; }

 private:
  Numbers last_;
  uint64_t position_ = 0;
};

// What must come exactly once, in whatever order: messages of a group, answers, replies.
class OnceCheck {
 public:
  explicit OnceCheck(uint64_t first) : below_(first) {}

  std::string OnNumber(uint64_t number);
  // Of those up to `last`.
  uint64_t Missing(uint64_t last) const { return last + 1 - below_ - above_.size(); }
  bool IsComplete(uint64_t last) const { return Missing(last) == 0; }
  std::string AtEnd(uint64_t last) const;

 private:
  uint64_t below_;            // all below have come
  std::set<uint64_t> above_;  // others that have
};

// One subscription to last values: each topic's values rise, and at the end of the snapshot none is
// older than what was there when it began.
class LastValueCheck {
 public:
  // A new subscription. `floor`: values that were acknowledged before.
  void Begin(Numbers floor);
  std::string OnMessage(std::string_view topic, uint64_t number);
  std::string OnSnapshotEnd() const;
  bool IsComplete(const Numbers& last) const { return last_ == last; }
  std::string AtEnd(const Numbers& last) const;

 private:
  Numbers floor_;
  Numbers last_;
};

// Of members of a group under HASH: what one of them gets of a topic and a key rises.
class KeyedCheck {
 public:
  std::string OnMessage(std::string_view topic, std::string_view key, uint64_t number);

 private:
  Numbers last_;
};

}  // namespace esockets::soak

#endif  // TESTS_SOAK_CHECKS_H_
