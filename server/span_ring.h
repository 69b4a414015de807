// A ring of spans of shared blocks, growing by doubling. Thread: the loop.
#ifndef SERVER_SPAN_RING_H_
#define SERVER_SPAN_RING_H_

#include <algorithm>
#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "base/counted_block.h"

namespace esockets::server {

// First in, first out. The last span, which is lengthened where it can be, lies apart from the
// slots: memory that nobody has looked at for a while is only written to.
class SpanRing {
 public:
  bool empty() const { return size_ == 0; }
  size_t size() const { return size_; }
  size_t capacity() const { return slots_.size(); }

  // REQUIRES: i < size()
  base::BlockSpan& operator[](size_t i) { return i + 1 == size_ ? back_ : Slot(i); }
  // REQUIRES: !empty()
  base::BlockSpan& back() { return back_; }

  void PushBack(const base::BlockSpan& span) {
    if (size_ > 0) {
      if (size_ > slots_.size()) Grow();
      std::construct_at(&Slot(size_ - 1), std::move(back_));  // where an empty one was
    }
    back_ = span;
    ++size_;
  }
  // REQUIRES: !empty()
  base::BlockSpan PopFront() {
    if (--size_ == 0) return std::move(back_);
    base::BlockSpan front = std::move(Slot(0));
    head_ = (head_ + 1) & (slots_.size() - 1);
    return front;
  }
  void Clear() {
    while (!empty()) PopFront();
  }

 private:
  static constexpr size_t kSlotsMin = 8;

  base::BlockSpan& Slot(size_t i) { return slots_[(head_ + i) & (slots_.size() - 1)]; }

  void Grow() {
    std::vector<base::BlockSpan> larger(std::max(kSlotsMin, 2 * slots_.size()));
    for (size_t i = 0; i < slots_.size(); ++i) larger[i] = std::move(Slot(i));
    slots_ = std::move(larger);
    head_ = 0;
  }

  base::BlockSpan back_;
  size_t size_ = 0;
  size_t head_ = 0;
  std::vector<base::BlockSpan> slots_;  // all but the last; empty ones are null
};

}  // namespace esockets::server

#endif  // SERVER_SPAN_RING_H_
