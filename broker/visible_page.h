// What of a page of stored messages a client may have: all of it, where it lies; or a copy without
// those that its rules deny. For the call.
#ifndef BROKER_VISIBLE_PAGE_H_
#define BROKER_VISIBLE_PAGE_H_

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/counted_block.h"
#include "base/frame_sequence.h"
#include "broker/client_permissions.h"
#include "broker/message_store.h"
#include "broker/wire_form.h"

namespace esockets::broker {

class VisiblePage {
 public:
  struct Asked {
    std::string_view filter;
    bool stored;  // for what is stored; else for what is published
  };
  // REQUIRES: the page outlives this.
  VisiblePage(const StoredPage& page, const ClientPermissions& permissions, const Asked& asked,
              const WireForm& wire_form);
  VisiblePage(const VisiblePage&) = delete;
  VisiblePage& operator=(const VisiblePage&) = delete;

  base::FrameSequence frames() const { return frames_; }
  const base::BytesKeeper& keeper() const { return keeper_; }

 private:
  base::FrameSequence frames_;
  base::BytesKeeper keeper_;
  std::vector<uint32_t> ends_;  // of the copy
};

}  // namespace esockets::broker

#endif  // BROKER_VISIBLE_PAGE_H_
