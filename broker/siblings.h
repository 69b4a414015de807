// This loop among the loops of the broker. Thread: the loop.
#ifndef BROKER_SIBLINGS_H_
#define BROKER_SIBLINGS_H_

#include <cstdint>
#include <functional>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/on_loop.h"
#include "broker/parcel.h"

namespace esockets::broker {

// Who gets the parcels that arrive on a loop.
class ParcelHandler {
 public:
  virtual void OnParcel(uint32_t from, Parcel parcel) ESOCKETS_ON_LOOP = 0;

 protected:
  ~ParcelHandler() = default;
};

// The way to the other loops.
class LoopLink {
 public:
  // The parcel arrives at loop `to` in a later turn of that loop, after those posted before it.
  // REQUIRES: `to` is another loop.
  virtual void Post(uint32_t to, Parcel parcel) ESOCKETS_ON_LOOP = 0;

 protected:
  ~LoopLink() = default;
};

class Siblings {
 public:
  // `link` may be null when there is one loop.
  Siblings(uint32_t self, uint32_t count, LoopLink* link)
      : self_(self), count_(count), link_(link) {
    ESOCKETS_CHECK(self < count && count <= kLoopsMax);
  }

  uint32_t self() const { return self_; }
  uint32_t count() const { return count_; }
  bool alone() const { return count_ == 1; }

  // The loop that keeps what there must be one view of.
  uint32_t HomeOf(std::string_view key) const {
    return static_cast<uint32_t>(std::hash<std::string_view>{}(key) % count_);
  }

  // What a loop posts to itself arrives at once.
  void Post(uint32_t to, Parcel parcel) ESOCKETS_ON_LOOP {
    if (to == self_) return inbox_->OnParcel(self_, std::move(parcel));
    link_->Post(to, std::move(parcel));
  }

  // Calls visit(loop) for each of the others.
  template <typename Visitor>
  void ForEachOther(Visitor visit) const {
    for (uint32_t loop = 0; loop < count_; ++loop) {
      if (loop != self_) visit(loop);
    }
  }

  // REQUIRED before the first Post.
  void set_inbox(ParcelHandler* inbox) { inbox_ = inbox; }

 private:
  const uint32_t self_;
  const uint32_t count_;
  LoopLink* const link_;
  ParcelHandler* inbox_ = nullptr;
};

}  // namespace esockets::broker

#endif  // BROKER_SIBLINGS_H_
