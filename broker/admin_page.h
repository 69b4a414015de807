// How much goes into one answer of administration: so many entries, and no more bytes than a frame
// has room for.
#ifndef BROKER_ADMIN_PAGE_H_
#define BROKER_ADMIN_PAGE_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>

#include "broker/limits.h"
#include "google/protobuf/message_lite.h"

namespace esockets::broker {

class AdminPage {
 public:
  // `asked`: entries; 0: as many as there may be. REQUIRES: `limits` outlive the page.
  AdminPage(const Limits& limits, uint32_t asked)
      : bytes_max_(limits.payload_bytes_max),
        entries_max_(asked == 0 ? limits.admin_page_max : std::min(asked, limits.admin_page_max)) {}

  // Counts one entry. False: it has no room. The first one always has.
  bool Take(const google::protobuf::MessageLite& entry) {
    const size_t entry_bytes = entry.ByteSizeLong();
    if (entries_ == entries_max_ || entry_bytes > Room()) return false;
    ++entries_;
    bytes_ += entry_bytes + kEntryHeadBytesMax;
    return true;
  }

  // Bytes that are left for an entry.
  size_t Room() const {
    if (bytes_ == 0) return std::numeric_limits<size_t>::max();
    return bytes_max_ - std::min(bytes_max_, bytes_ + kOtherFieldsBytesMax + kEntryHeadBytesMax);
  }

  uint32_t entries_max() const { return entries_max_; }

 private:
  // Of a reply, beside its entries.
  static constexpr size_t kOtherFieldsBytesMax = 64;
  // Tag and length of one entry.
  static constexpr size_t kEntryHeadBytesMax = 16;

  const size_t bytes_max_;
  const uint32_t entries_max_;
  uint32_t entries_ = 0;
  size_t bytes_ = 0;
};

}  // namespace esockets::broker

#endif  // BROKER_ADMIN_PAGE_H_
