#include "broker/client_classes.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace esockets::broker {

ClientClasses::ClientClasses(std::vector<ClientClass> classes)
    : classes_(std::move(classes)), numbers_(classes_.size()) {
  ESOCKETS_CHECK(classes_.size() <= kClientClassesMax);
  places_.fill(kNowhere);
  for (size_t i = 0; i < classes_.size(); ++i) Number(i, ++last_number_);
}

// A number is given again as late as it can be: what is kept under it is gone by then.
void ClientClasses::KeepNumbersOf(const ClientClasses& before) {
  last_number_ = before.last_number_;
  places_.fill(kNowhere);
  for (size_t i = 0; i < classes_.size(); ++i) {
    const auto same = std::ranges::find(before.classes_, classes_[i].name, &ClientClass::name);
    if (same != before.classes_.end()) {
      Number(i, before.NumberOf(*same));
      continue;
    }
    do {
      ++last_number_;
    } while (last_number_ == 0 || before.Find(last_number_) != nullptr);
    Number(i, last_number_);
  }
}

ClassNumber ClientClasses::Of(const Identity& identity, size_t listener) const {
  const auto fits = [&](const ClientClass& one) {
    const bool here =
        one.listeners.empty() || std::ranges::find(one.listeners, listener) != one.listeners.end();
    return here && one.who.Fits(identity);
  };
  const auto found = std::ranges::find_if(classes_, fits);
  return found == classes_.end() ? 0 : NumberOf(*found);
}

}  // namespace esockets::broker
