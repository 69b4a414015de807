// Consecutive messages for the same subscribers, encoded back to back: offered to each of them at
// once. Only a client that is behind needs them one by one.
#ifndef BROKER_RUN_H_
#define BROKER_RUN_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/clock.h"
#include "base/counted_block.h"
#include "base/ref_counted.h"
#include "broker/waiting_message.h"
#include "broker/wire_form.h"

namespace esockets::broker {

class Run {
 public:
  bool empty() const { return span_.empty(); }
  const base::BlockSpan& span() const { return span_; }
  uint32_t bytes() const { return span_.size(); }
  size_t messages() const { return messages_; }

  // Takes the frames of so many messages if they go on where the run ends, or if the run is empty.
  bool Append(const base::BlockSpan& frames, size_t messages) {
    if (empty()) {
      span_ = frames;
    } else if (span_.IsFollowedBy(frames)) {
      span_.end = frames.end;
    } else {
      return false;
    }
    messages_ += messages;
    return true;
  }

  // Its messages one by one, made when they are first asked for and shared by all who ask.
  const std::vector<base::RefPtr<WaitingMessage>>& Waiting(const WireForm& form) const {
    if (waiting_.empty()) {
      base::ForEachFrame(span_, [&](uint32_t begin, uint32_t end) {
        waiting_.push_back(
            base::MakeRefCounted<WaitingMessage>(base::BlockSpan{span_.block, begin, end}, form));
      });
    }
    return waiting_;
  }

  void Clear() {
    span_ = base::BlockSpan();
    messages_ = 0;
    waiting_.clear();
  }

 private:
  base::BlockSpan span_;
  size_t messages_ = 0;
  mutable std::vector<base::RefPtr<WaitingMessage>> waiting_;
};

}  // namespace esockets::broker

#endif  // BROKER_RUN_H_
