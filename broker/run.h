// Consecutive messages for the same subscribers, encoded back to back: offered to each of them at
// once. Only a client that is behind needs them one by one.
#ifndef BROKER_RUN_H_
#define BROKER_RUN_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "base/counted_block.h"

namespace esockets::broker {

class Run {
 public:
  bool empty() const { return span_.empty(); }
  const base::BlockSpan& span() const { return span_; }
  uint32_t bytes() const { return span_.size(); }
  size_t messages() const { return ends_.size(); }

  // Takes the frame if it goes on where the run ends, or if the run is empty.
  bool Append(const base::BlockSpan& frame) {
    if (!empty() && !span_.IsFollowedBy(frame)) return false;
    if (empty()) span_ = frame;
    span_.end = frame.end;
    ends_.push_back(frame.end);
    return true;
  }

  // Message `i` in a block of its own, made when it is first asked for and shared by all who ask.
  const base::BlockSpan& Copy(size_t i) const {
    if (copies_.size() < ends_.size()) copies_.resize(ends_.size());
    if (copies_[i].empty()) {
      copies_[i] = base::CopyOut({span_.block, i == 0 ? span_.begin : ends_[i - 1], ends_[i]});
    }
    return copies_[i];
  }

  void Clear() {
    span_ = base::BlockSpan();
    ends_.clear();
    copies_.clear();
  }

 private:
  base::BlockSpan span_;
  std::vector<uint32_t> ends_;
  mutable std::vector<base::BlockSpan> copies_;
};

}  // namespace esockets::broker

#endif  // BROKER_RUN_H_
