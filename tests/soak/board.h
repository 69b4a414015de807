// What the well-behaved know of what they have published: each topic has one publisher, and numbers
// rise by one.
#ifndef TESTS_SOAK_BOARD_H_
#define TESTS_SOAK_BOARD_H_

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include "tests/soak/checks.h"

namespace esockets::soak {

class Board {
 public:
  // The numbers of a round: what is kept of the one before is smaller.
  explicit Board(uint64_t round) : before_(round * 1'000'000'000) {}

  // Before the first message of any topic.
  uint64_t before() const { return before_; }
  void AddTopic(const std::string& topic) { last_[topic] = before_; }
  uint64_t Next(const std::string& topic) { return ++last_[topic]; }
  void Acknowledge(const std::string& topic, uint64_t number) {
    acknowledged_[topic] = std::max(acknowledged_[topic], number);
  }

  uint64_t Last(const std::string& topic) const { return last_.at(topic); }
  // Of topics whose names begin so.
  Numbers LastOf(std::string_view prefix) const { return Select(last_, prefix); }
  Numbers AcknowledgedOf(std::string_view prefix) const { return Select(acknowledged_, prefix); }

 private:
  static Numbers Select(const Numbers& numbers, std::string_view prefix) {
    Numbers selected;
    for (const auto& [topic, number] : numbers) {
      if (topic.starts_with(prefix)) selected.emplace(topic, number);
    }
    return selected;
  }

  const uint64_t before_;
  Numbers last_;
  Numbers acknowledged_;
};

}  // namespace esockets::soak

#endif  // TESTS_SOAK_BOARD_H_
