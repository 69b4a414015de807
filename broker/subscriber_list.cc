#include "broker/subscriber_list.h"

#include <cstring>
#include <new>

#include "base/check.h"
#include "broker/subscriber.h"

namespace esockets::broker {
namespace {

constexpr uint32_t kFirstCapacity = 3;  // with the block's header, 32 bytes

}  // namespace

// Followed by `capacity` pointers, of which the first `size` are set.
struct SubscriberList::Block {
  uint32_t size;
  uint32_t capacity;

  static size_t Bytes(uint32_t capacity) { return sizeof(Block) + capacity * sizeof(Subscriber*); }
  Subscriber** items() { return reinterpret_cast<Subscriber**>(this + 1); }
};

SubscriberList::~SubscriberList() {
  if (is_block()) ::operator delete(block());
}

void SubscriberList::Add(Subscriber* subscriber) {
  static_assert(alignof(Subscriber) > kBlockTag && alignof(Block) > kBlockTag);
  if (empty()) {
    subscriber->index_slot = 0;
    set_word(reinterpret_cast<uintptr_t>(subscriber));
    return;
  }
  if (!is_block()) {
    Reallocate(kFirstCapacity);
  } else if (block()->size == block()->capacity) {
    Reallocate(block()->capacity * 2 + 1);
  }
  Block* to = block();
  subscriber->index_slot = to->size;
  to->items()[to->size++] = subscriber;
}

void SubscriberList::Remove(Subscriber* subscriber) {
  ESOCKETS_CHECK(Contains(subscriber));
  if (!is_block()) {
    set_word(0);
    return;
  }
  Block* from = block();
  Subscriber* last = from->items()[--from->size];
  last->index_slot = subscriber->index_slot;
  from->items()[last->index_slot] = last;
  if (from->size == 1) {
    last = from->items()[0];
    set_word(reinterpret_cast<uintptr_t>(last));
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
    std::memcpy(made->items(), block()->items(), made->size * sizeof(Subscriber*));
    ::operator delete(block());
  } else if (!empty()) {
    made->items()[made->size++] = only();
  }
  set_word(reinterpret_cast<uintptr_t>(made) | kBlockTag);
}

void SubscriberList::AppendTo(std::vector<Subscriber*>* out) const {
  if (is_block()) {
    out->insert(out->end(), block()->items(), block()->items() + block()->size);
  } else if (!empty()) {
    out->push_back(only());
  }
}

bool SubscriberList::Contains(const Subscriber* subscriber) const {
  if (!is_block()) return !empty() && only() == subscriber;
  const uint32_t slot = subscriber->index_slot;
  return slot < block()->size && block()->items()[slot] == subscriber;
}

bool SubscriberList::HasSession() const {
  if (!is_block()) return !empty() && !only()->is_loop();
  for (uint32_t i = 0; i < block()->size; ++i) {
    if (!block()->items()[i]->is_loop()) return true;
  }
  return false;
}

size_t SubscriberList::size() const {
  return is_block() ? block()->size : static_cast<size_t>(!empty());
}

size_t SubscriberList::heap_bytes() const {
  return is_block() ? Block::Bytes(block()->capacity) : 0;
}

}  // namespace esockets::broker
