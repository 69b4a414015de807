// The subscribers of one filter: eight bytes while there is at most one.
#ifndef BROKER_SUBSCRIBER_LIST_H_
#define BROKER_SUBSCRIBER_LIST_H_

#include <cstddef>
#include <cstdint>
#include <vector>

namespace esockets::broker {

struct Subscriber;

// Most filters of most brokers have one subscriber: an inbox, a device. So the list is
// one tagged word: nothing, one subscriber, or a block with more of them.
//
// Adds and removes take constant time, amortised: the last one moves into the gap, and
// each knows its place by Subscriber::index_slot. Order therefore means nothing.
//
// Thread: that of the index. Owns: the block, not the subscribers.
class SubscriberList {
 public:
  SubscriberList() = default;
  SubscriberList(const SubscriberList&) = delete;
  SubscriberList& operator=(const SubscriberList&) = delete;
  ~SubscriberList();

  // REQUIRES: `subscriber` is in no list
  void Add(Subscriber* subscriber);
  // REQUIRES: `subscriber` is in this list
  void Remove(Subscriber* subscriber);

  void AppendTo(std::vector<Subscriber*>* out) const;
  bool Contains(const Subscriber* subscriber) const;

  // Is one of them not another loop? Looks at no more of them than there are loops.
  bool HasSession() const;

  size_t size() const;
  bool empty() const { return word_ == 0; }
  // Of the block, without the list itself.
  size_t heap_bytes() const;

 private:
  struct Block;

  bool is_block() const { return (word_ & kBlockTag) != 0; }
  // NOLINTBEGIN(performance-no-int-to-ptr): one word that is either is what this class is for
  Block* block() const { return reinterpret_cast<Block*>(word_ & ~kBlockTag); }
  Subscriber* only() const { return reinterpret_cast<Subscriber*>(word_); }
  // NOLINTEND(performance-no-int-to-ptr)
  void Reallocate(uint32_t capacity);

  static constexpr uintptr_t kBlockTag = 1;

  uintptr_t word_ = 0;  // 0, a Subscriber*, or a Block* with kBlockTag
};

}  // namespace esockets::broker

#endif  // BROKER_SUBSCRIBER_LIST_H_
