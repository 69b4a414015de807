#include "broker/subscriber_list.h"

#include <cstring>
#include <new>

#include "base/check.h"
#include "broker/subscription.h"

namespace esockets::broker {
namespace {

constexpr uint32_t kFirstCapacity = 3;  // with the block's header, 32 bytes

}  // namespace

// Followed by `capacity` pointers, of which the first `size` are set.
struct SubscriberList::Block {
  uint32_t size;
  uint32_t capacity;

  static size_t Bytes(uint32_t capacity) {
    return sizeof(Block) + capacity * sizeof(Subscription*);
  }
  Subscription** items() { return reinterpret_cast<Subscription**>(this + 1); }
};

SubscriberList::~SubscriberList() {
  if (is_block()) ::operator delete(block());
}

void SubscriberList::Add(Subscription* subscription) {
  static_assert(alignof(Subscription) > kBlockTag && alignof(Block) > kBlockTag);
  if (empty()) {
    subscription->index_slot = 0;
    word_ = reinterpret_cast<uintptr_t>(subscription);
    return;
  }
  if (!is_block()) {
    Reallocate(kFirstCapacity);
  } else if (block()->size == block()->capacity) {
    Reallocate(block()->capacity * 2 + 1);
  }
  Block* to = block();
  subscription->index_slot = to->size;
  to->items()[to->size++] = subscription;
}

void SubscriberList::Remove(Subscription* subscription) {
  ESOCKETS_CHECK(Contains(subscription));
  if (!is_block()) {
    word_ = 0;
    return;
  }
  Block* from = block();
  Subscription* last = from->items()[--from->size];
  last->index_slot = subscription->index_slot;
  from->items()[last->index_slot] = last;
  if (from->size == 1) {
    last = from->items()[0];
    word_ = reinterpret_cast<uintptr_t>(last);
    ::operator delete(from);
  } else if (from->capacity > kFirstCapacity && from->size <= from->capacity / 4) {
    Reallocate(from->capacity / 2);
  }
}

// Makes a block of that capacity out of what there is. REQUIRES: it fits
void SubscriberList::Reallocate(uint32_t capacity) {
  auto* made = new (::operator new(Block::Bytes(capacity))) Block{0, capacity};
  if (is_block()) {
    made->size = block()->size;
    std::memcpy(made->items(), block()->items(), made->size * sizeof(Subscription*));
    ::operator delete(block());
  } else if (!empty()) {
    made->items()[made->size++] = only();
  }
  word_ = reinterpret_cast<uintptr_t>(made) | kBlockTag;
}

void SubscriberList::AppendTo(std::vector<Subscription*>* out) const {
  if (is_block()) {
    out->insert(out->end(), block()->items(), block()->items() + block()->size);
  } else if (!empty()) {
    out->push_back(only());
  }
}

bool SubscriberList::Contains(const Subscription* subscription) const {
  if (!is_block()) return !empty() && only() == subscription;
  const uint32_t slot = subscription->index_slot;
  return slot < block()->size && block()->items()[slot] == subscription;
}

size_t SubscriberList::size() const {
  return is_block() ? block()->size : static_cast<size_t>(!empty());
}

size_t SubscriberList::heap_bytes() const {
  return is_block() ? Block::Bytes(block()->capacity) : 0;
}

}  // namespace esockets::broker
