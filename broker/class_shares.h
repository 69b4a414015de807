// How much of a store is of which class of clients, and who has more than may be. Thread: the
// stream's loop.
#ifndef BROKER_CLASS_SHARES_H_
#define BROKER_CLASS_SHARES_H_

#include <cstdint>
#include <utility>
#include <vector>

#include "broker/class_number.h"
#include "broker/message_store.h"

namespace esockets::broker {

class ClassShares {
 public:
  // By number; the others have none.
  void SetLimits(std::vector<ShareLimits> limits) { limits_ = std::move(limits); }
  // Above this number no class has limits.
  size_t limited() const { return limits_.size(); }

  // Of frames, with kKeptEntryBytes.
  void Add(ClassNumber number, uint64_t bytes);
  void Remove(ClassNumber number, uint64_t bytes);

  bool IsOver(ClassNumber number) const;
  Share of(ClassNumber number) const {
    return number < kept_.size() ? kept_[number].share : Share();
  }

  // Position, at which its oldest message is or behind.
  uint64_t oldest_from(ClassNumber number) const { return kept_[number].oldest_from; }
  // Its oldest message, which is there, goes because it has too much.
  void NoteLost(ClassNumber number, uint64_t position);

 private:
  struct Kept {
    Share share;
    uint64_t oldest_from = 0;
  };

  std::vector<ShareLimits> limits_;  // by number
  std::vector<Kept> kept_;           // the same
};

}  // namespace esockets::broker

#endif  // BROKER_CLASS_SHARES_H_
