#include "tests/soak/checks.h"

#include <utility>

#include "base/strings.h"

namespace esockets::soak {
namespace {

uint64_t ValueOf(const Numbers& numbers, std::string_view topic) {
  const auto found = numbers.find(topic);
  return found == numbers.end() ? 0 : found->second;
}

void Set(Numbers* numbers, std::string_view topic, uint64_t number) {
  const auto found = numbers->find(topic);
  if (found != numbers->end()) {
    found->second = number;
  } else {
    numbers->emplace(topic, number);
  }
}

// The first difference.
std::string Compare(const Numbers& came, const Numbers& last) {
  for (const auto& [topic, number] : last) {
    if (ValueOf(came, topic) != number) {
      return base::StrCat(topic, ": expected ", number, " at the end, came ", ValueOf(came, topic));
    }
  }
  return "";
}

}  // namespace

std::string LiteralCheck::OnMessage(uint64_t number) {
  const uint64_t expected = std::exchange(next_, number + 1);
  if (number == expected) return "";
  return base::StrCat("expected ", expected, ", came ", number);
}

std::string LiteralCheck::AtEnd(uint64_t last) const {
  if (IsComplete(last)) return "";
  return base::StrCat("expected all up to ", last, ", came and told are those below ", next_);
}

uint64_t WildcardCheck::Sum(const Numbers& numbers) {
  uint64_t sum = 0;
  for (const auto& [topic, number] : numbers) sum += number;
  return sum;
}

uint64_t WildcardCheck::Expected(const Numbers& last) const { return Sum(last) - before_; }

std::string WildcardCheck::CheckOrder(std::string_view topic, uint64_t number) {
  const uint64_t before = ValueOf(last_, topic);
  ++came_;
  if (number <= before) {
    return base::StrCat(topic, ": expected more than ", before, ", came ", number);
  }
  missing_ += number - before - 1;
  Set(&last_, topic, number);
  return "";
}

std::string WildcardCheck::CheckHoles() const {
  if (missing_ <= reported_) return "";
  return base::StrCat("missing are ", missing_, ", Gaps have told ", reported_);
}

std::string WildcardCheck::AtEnd(const Numbers& last) const {
  if (IsComplete(last)) return "";
  return base::StrCat("published were ", Expected(last), ", came ", came_, ", Gaps have told ",
                      reported_);
}

std::string StreamCheck::OnMessage(std::string_view topic, uint64_t number, uint64_t position) {
  const uint64_t expected = ValueOf(last_, topic) + 1;
  const uint64_t behind = std::exchange(position_, position);
  Set(&last_, topic, number);
  if (number != expected) {
    return base::StrCat(topic, ": expected ", expected, ", came ", number, " at ", position);
  }
  if (position <= behind) {
    return base::StrCat(topic, ": expected a position above ", behind, ", came ", position);
  }
  return "";
}

uint64_t StreamCheck::Missing(const Numbers& last) const {
  uint64_t missing = 0;
  for (const auto& [topic, number] : last) missing += number - ValueOf(last_, topic);
  return missing;
}

std::string StreamCheck::AtEnd(const Numbers& last) const { return Compare(last_, last); }

std::string OnceCheck::OnNumber(uint64_t number) {
  if (number < below_ || !above_.insert(number).second) {
    return base::StrCat("expected ", number, " once, came again");
  }
  while (!above_.empty() && *above_.begin() == below_) {
    above_.erase(above_.begin());
    ++below_;
  }
  return "";
}

std::string OnceCheck::AtEnd(uint64_t last) const {
  if (IsComplete(last)) return "";
  return base::StrCat("expected all up to ", last, ", missing are ", Missing(last), " from ",
                      below_, " on");
}

void LastValueCheck::Begin(Numbers floor) {
  floor_ = std::move(floor);
  last_.clear();
}

std::string LastValueCheck::OnMessage(std::string_view topic, uint64_t number) {
  const uint64_t before = ValueOf(last_, topic);
  Set(&last_, topic, number);
  if (number > before) return "";
  return base::StrCat(topic, ": expected more than ", before, ", came ", number);
}

std::string LastValueCheck::OnSnapshotEnd() const {
  for (const auto& [topic, number] : floor_) {
    if (ValueOf(last_, topic) < number) {
      return base::StrCat(topic, ": expected ", number, " or a newer one in the snapshot, came ",
                          ValueOf(last_, topic));
    }
  }
  return "";
}

std::string LastValueCheck::AtEnd(const Numbers& last) const { return Compare(last_, last); }

std::string KeyedCheck::OnMessage(std::string_view topic, std::string_view key, uint64_t number) {
  const std::string name = base::StrCat(topic, " ", key);
  const uint64_t before = ValueOf(last_, name);
  Set(&last_, name, number);
  if (number > before) return "";
  return base::StrCat(name, ": expected more than ", before, ", came ", number);
}

}  // namespace esockets::soak
