// The subscribers of one filter: eight bytes while there is at most one.
#ifndef BROKER_SUBSCRIBER_LIST_H_
#define BROKER_SUBSCRIBER_LIST_H_

#include <array>
#include <bit>
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
  bool empty() const { return word() == 0; }
  // Of the block, without the list itself.
  size_t heap_bytes() const;

 private:
  struct Block;

  // 0, a Subscriber*, or a Block* with kBlockTag.
  uintptr_t word() const { return std::bit_cast<uintptr_t>(word_); }
  void set_word(uintptr_t word) { word_ = std::bit_cast<Word>(word); }
  bool is_block() const { return (word() & kBlockTag) != 0; }
  // NOLINTBEGIN(performance-no-int-to-ptr): one word that is either is what this class is for
  Block* block() const { return reinterpret_cast<Block*>(word() & ~kBlockTag); }
  Subscriber* only() const { return reinterpret_cast<Subscriber*>(word()); }
  // NOLINTEND(performance-no-int-to-ptr)
  void Reallocate(uint32_t capacity);

  static constexpr uintptr_t kBlockTag = 1;

  // Aligned to four bytes: a filter's text begins right behind it.
  using Word = std::array<uint32_t, sizeof(uintptr_t) / sizeof(uint32_t)>;
  Word word_{};
};

}  // namespace esockets::broker

#endif  // BROKER_SUBSCRIBER_LIST_H_
