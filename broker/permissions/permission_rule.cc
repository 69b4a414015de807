#include "broker/permissions/permission_rule.h"

#include <array>

namespace esockets::broker {
namespace {

constexpr std::array<std::string_view, kActions> kTexts = {"PUBLISH", "SUBSCRIBE", "PRESENCE",
                                                           "REQUEST", "STREAM",    "ADMIN"};

}  // namespace

std::string_view ActionText(Action action) { return kTexts[static_cast<size_t>(action)]; }

bool ParseAction(std::string_view text, Action* action) {
  for (size_t i = 0; i < kTexts.size(); ++i) {
    if (kTexts[i] != text) continue;
    *action = static_cast<Action>(i);
    return true;
  }
  return false;
}

}  // namespace esockets::broker
