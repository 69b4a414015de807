// A hash set that never stops the loop to rehash all of itself.
#ifndef BROKER_SHARDED_SET_H_
#define BROKER_SHARDED_SET_H_

#include <array>
#include <cassert>
#include <cstddef>
#include <utility>

#include "absl/container/flat_hash_set.h"

namespace esockets::broker {

// Owns objects of T, which stay where they are, and finds them by T::key(), a cheap value
// with == and T::KeyHash. Of a million objects a single table takes 0.1 s to grow, with
// every message waiting; here one table of 64 grows at a time, each at a moment of its
// own. Tables shrink when most of their objects have left.
//
// T needs Ptr, a unique_ptr to T, as TextObject gives it. KeyHash must have a secret: keys
// come from clients.
// Thread: none of its own; one thread at a time.
template <typename T>
class ShardedSet {
 public:
  using Ptr = typename T::Ptr;
  using Key = decltype(std::declval<const T&>().key());
  using KeyHash = typename T::KeyHash;

  // nullptr if there is none.
  T* Find(const Key& key) const { return Find(key, HashOf(key)); }

  // The same in steps, for many keys side by side, each step for all of them: the memory that the
  // next one looks at is fetched meanwhile.
  size_t HashOf(const Key& key) const { return Hash()(key); }
  void PrefetchSlot(size_t hash) const { tables_[Shard(hash)].prefetch(Hashed{hash}); }
  // The only one, most often, that may have a key of this hash; nullptr: none has.
  T* Candidate(size_t hash) const { return Find(Hashed{hash}, hash); }
  T* Find(const Key& key, size_t hash, T* candidate) const {
    if (candidate == nullptr || candidate->key() == key) return candidate;
    return Find(key, hash);
  }

  // REQUIRES: no object with that key is here
  T* Insert(Ptr object) {
    const auto [at, inserted] = tables_[Shard(Hash()(object->key()))].insert(std::move(object));
    assert(inserted);
    ++size_;
    return at->get();
  }

  // Destroys it. REQUIRES: `object` is here
  void Erase(const T* object) {
    const size_t hash = Hash()(object->key());
    Table& table = tables_[Shard(hash)];
    const auto found = table.find(object->key(), hash);
    assert(found != table.end() && found->get() == object);
    table.erase(found);
    --size_;
    if (table.size() < table.capacity() / kSparse) table.rehash(0);
  }

  size_t size() const { return size_; }

  // Of the tables, without the objects.
  size_t table_bytes() const {
    size_t slots = 0;
    for (const Table& table : tables_) slots += table.capacity();
    return sizeof(*this) + slots * (sizeof(Ptr) + kControlBytes);
  }

 private:
  static constexpr int kShardBits = 6;
  static constexpr size_t kSparse = 8;        // shrink when fewer than 1 slot in 8 is used
  static constexpr size_t kControlBytes = 1;  // of Abseil, beside each slot

  struct Hashed {
    size_t hash;
  };
  struct Hash {
    using is_transparent = void;
    size_t operator()(const Hashed& hashed) const { return hashed.hash; }
    size_t operator()(const Key& key) const { return KeyHash()(key); }
    size_t operator()(const Ptr& object) const { return (*this)(object->key()); }
  };
  struct Equal {
    using is_transparent = void;
    // Of the slots that may hold it, the first one, without a look at its object.
    bool operator()(const Ptr& a, const Hashed&) const {
      __builtin_prefetch(a.get(), 1);
      return true;
    }
    bool operator()(const Ptr& a, const Ptr& b) const { return a->key() == b->key(); }
    bool operator()(const Ptr& a, const Key& b) const { return a->key() == b; }
    bool operator()(const Key& a, const Ptr& b) const { return a == b->key(); }
  };
  using Table = absl::flat_hash_set<Ptr, Hash, Equal>;

  template <typename Sought>
  T* Find(const Sought& sought, size_t hash) const {
    const Table& table = tables_[Shard(hash)];
    const auto found = table.find(sought, hash);
    return found == table.end() ? nullptr : found->get();
  }

  // The highest bits: a table looks at the others.
  static size_t Shard(size_t hash) { return hash >> (sizeof(size_t) * 8 - kShardBits); }

  std::array<Table, size_t{1} << kShardBits> tables_;
  size_t size_ = 0;
};

}  // namespace esockets::broker

#endif  // BROKER_SHARDED_SET_H_
