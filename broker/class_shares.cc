#include "broker/class_shares.h"

namespace esockets::broker {

void ClassShares::Add(ClassNumber number, uint64_t bytes) {
  if (number >= kept_.size()) kept_.resize(size_t{number} + 1);
  ++kept_[number].share.messages;
  kept_[number].share.bytes += bytes;
}

void ClassShares::Remove(ClassNumber number, uint64_t bytes) {
  --kept_[number].share.messages;
  kept_[number].share.bytes -= bytes;
}

bool ClassShares::IsOver(ClassNumber number) const {
  if (number >= limits_.size() || number >= kept_.size()) return false;
  const ShareLimits& limits = limits_[number];
  const Share& share = kept_[number].share;
  return (limits.messages_max != 0 && share.messages > limits.messages_max) ||
         (limits.bytes_max != 0 && share.bytes > limits.bytes_max);
}

void ClassShares::NoteLost(ClassNumber number, uint64_t position) {
  ++kept_[number].share.retired_total;
  kept_[number].oldest_from = position + 1;
}

}  // namespace esockets::broker
