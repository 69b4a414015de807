// This loop among the loops of the broker. Thread: the loop.
#ifndef BROKER_SIBLINGS_H_
#define BROKER_SIBLINGS_H_

#include <bit>
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

// The loops of a word with a bit for each, in their order: for (const uint32_t loop :
// LoopsIn(word)).
class LoopsIn {
 public:
  explicit LoopsIn(uint64_t word) : word_(word) {}

  struct Iterator {
    uint64_t left;
    uint32_t operator*() const { return static_cast<uint32_t>(std::countr_zero(left)); }
    Iterator& operator++() {
      left &= left - 1;
      return *this;
    }
    bool operator==(const Iterator&) const = default;
  };
  Iterator begin() const { return {word_}; }
  Iterator end() const { return {0}; }

 private:
  uint64_t word_;
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

  // A bit for each of the others.
  uint64_t others() const {
    return (~uint64_t{0} >> (kLoopsMax - count_)) & ~(uint64_t{1} << self_);
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
