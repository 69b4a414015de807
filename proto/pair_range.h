// The (name, value) pairs of an encoded message, read in place: headers and map entries have one
// shape on the wire, a submessage with strings 1 and 2.
//   for (const auto& [name, value] : view.headers()) ...
#ifndef PROTO_PAIR_RANGE_H_
#define PROTO_PAIR_RANGE_H_

#include <cstdint>
#include <iterator>
#include <string_view>
#include <utility>

#include "proto/field_reader.h"

namespace esockets::proto {

using Pair = std::pair<std::string_view, std::string_view>;

// In the order sent; a name may come several times (in a map the last one counts). Ends early at
// bytes that are no protobuf. Views into the message: valid as long as its bytes are.
class PairRange {
 public:
  class Iterator {
   public:
    using value_type = Pair;
    using difference_type = std::ptrdiff_t;

    Iterator(std::string_view message, uint32_t field) : in_(message), field_(field) { ++*this; }

    const Pair& operator*() const { return pair_; }
    const Pair* operator->() const { return &pair_; }
    Iterator& operator++();
    bool operator==(std::default_sentinel_t) const { return done_; }

   private:
    FieldReader in_;
    const uint32_t field_;
    bool done_ = false;
    Pair pair_;
  };

  PairRange() = default;
  // The pairs that are field `field` of the encoded `message`; other fields are read over.
  PairRange(std::string_view message, uint32_t field) : message_(message), field_(field) {}

  Iterator begin() const { return {message_, field_}; }
  static std::default_sentinel_t end() { return {}; }

 private:
  std::string_view message_;
  uint32_t field_ = 0;
};

}  // namespace esockets::proto

#endif  // PROTO_PAIR_RANGE_H_
