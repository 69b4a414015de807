// The way to the other loops, for a test of one of them: keeps what is posted.
#ifndef TESTS_SUPPORT_RECORDING_LINK_H_
#define TESTS_SUPPORT_RECORDING_LINK_H_

#include <cstdint>
#include <utility>
#include <variant>
#include <vector>

#include "base/on_loop.h"
#include "broker/parcel.h"
#include "broker/siblings.h"

namespace esockets::tests {

// Also the loop's own inbox.
class RecordingLink final : public broker::LoopLink, public broker::ParcelHandler {
 public:
  void Post(uint32_t to, broker::Parcel parcel) override ESOCKETS_ON_LOOP {
    posted.emplace_back(to, std::move(parcel));
  }
  void OnParcel(uint32_t self, broker::Parcel parcel) override ESOCKETS_ON_LOOP {
    posted.emplace_back(self, std::move(parcel));
  }

  // The parcels of one kind with the loops they are for, in order; taken out of `posted`.
  template <typename Kind>
  std::vector<std::pair<uint32_t, Kind>> Take() {
    std::vector<std::pair<uint32_t, Kind>> taken;
    std::erase_if(posted, [&](auto& one) {
      Kind* kind = std::get_if<Kind>(&one.second);
      if (kind != nullptr) taken.emplace_back(one.first, std::move(*kind));
      return kind != nullptr;
    });
    return taken;
  }

  std::vector<std::pair<uint32_t, broker::Parcel>> posted;
};

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_RECORDING_LINK_H_
