#include "broker/client_classes.h"

#include <algorithm>
#include <utility>

#include "base/check.h"

namespace esockets::broker {

ClientClasses::ClientClasses(std::vector<ClientClass> classes) : classes_(std::move(classes)) {
  ESOCKETS_CHECK(classes_.size() <= kClientClassesMax);
}

ClassNumber ClientClasses::Of(const Identity& identity, size_t listener) const {
  const auto fits = [&](const ClientClass& one) {
    const bool here =
        one.listeners.empty() || std::ranges::find(one.listeners, listener) != one.listeners.end();
    return here && one.who.Fits(identity);
  };
  const auto found = std::ranges::find_if(classes_, fits);
  return found == classes_.end() ? 0 : static_cast<ClassNumber>(found - classes_.begin() + 1);
}

}  // namespace esockets::broker
