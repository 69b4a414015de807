#include "broker/visible_page.h"

#include <string>
#include <utility>

namespace esockets::broker {

VisiblePage::VisiblePage(const StoredPage& page, const ClientPermissions& permissions,
                         const Asked& asked, const WireForm& wire_form)
    : frames_(page.frames()), keeper_(page.keeper) {
  if (frames_.empty() || !permissions.HidesSome(asked.filter, asked.stored)) return;
  auto copy = std::make_shared<std::string>();
  for (base::FrameSequence rest = frames_; !rest.empty(); rest.RemoveFirst(1)) {
    const std::string_view frame = rest.front();
    if (permissions.Hides(wire_form.LabelOf(frame).topic, asked.stored)) continue;
    copy->append(frame);
    ends_.push_back(static_cast<uint32_t>(copy->size()));
  }
  frames_ = {.bytes = *copy, .begin = 0, .ends = ends_};
  keeper_ = {.bytes = std::move(copy)};
}

}  // namespace esockets::broker
