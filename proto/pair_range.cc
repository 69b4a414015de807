#include "proto/pair_range.h"

namespace esockets::proto {
namespace {

bool ReadPair(std::string_view bytes, Pair* pair) {
  *pair = {};
  FieldReader in(bytes);
  while (!in.done()) {
    if (in.ReadTag() != DecodeError::kOk) return false;
    DecodeError error = DecodeError::kOk;
    if (in.number() == 1) {
      error = in.ReadBytes(&pair->first);
    } else if (in.number() == 2) {
      error = in.ReadBytes(&pair->second);
    } else {
      error = in.Skip();
    }
    if (error != DecodeError::kOk) return false;
  }
  return true;
}

}  // namespace

PairRange::Iterator& PairRange::Iterator::operator++() {
  while (!in_.done() && in_.ReadTag() == DecodeError::kOk) {
    if (in_.number() != field_) {
      if (in_.Skip() != DecodeError::kOk) break;
      continue;
    }
    std::string_view bytes;
    if (in_.ReadBytes(&bytes) != DecodeError::kOk || !ReadPair(bytes, &pair_)) break;
    return *this;
  }
  done_ = true;
  return *this;
}

}  // namespace esockets::proto
