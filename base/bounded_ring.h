// A first-in first-out ring with a hard limit. It allocates nothing while it was never
// used or has been shrunk, grows by doubling, and refuses at the limit instead of growing.
#ifndef BASE_BOUNDED_RING_H_
#define BASE_BOUNDED_RING_H_

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>

namespace esockets::base {

// Thread: none of its own; one thread at a time.
// References into it are good until the next push, pop, clear or shrink.
template <typename T>
class BoundedRing {
  static_assert(std::is_nothrow_move_constructible_v<T> && std::is_nothrow_destructible_v<T>,
                "growing moves the elements and has no way back");

 public:
  static constexpr size_t kUnlimited = size_t{1} << 31;

  // Holds at most `limit` elements; kUnlimited is also the highest limit there is.
  explicit BoundedRing(size_t limit = kUnlimited)
      : limit_(static_cast<uint32_t>(std::min(limit, kUnlimited))) {}

  BoundedRing(const BoundedRing&) = delete;
  BoundedRing& operator=(const BoundedRing&) = delete;
  BoundedRing(BoundedRing&& other) noexcept : limit_(other.limit_) { Steal(other); }
  BoundedRing& operator=(BoundedRing&& other) noexcept {
    if (this != &other) {
      Release();
      limit_ = other.limit_;
      Steal(other);
    }
    return *this;
  }
  ~BoundedRing() { Release(); }

  // False when full; then the ring and the arguments are untouched. An argument may
  // refer to an element of this ring.
  template <typename... Args>
  [[nodiscard]] bool EmplaceBack(Args&&... args) {
    if (size_ >= limit_) return false;
    if (size_ == capacity_) {
      GrowWith(std::forward<Args>(args)...);
    } else {
      std::construct_at(At(size_), std::forward<Args>(args)...);
    }
    ++size_;
    return true;
  }
  [[nodiscard]] bool PushBack(T&& value) { return EmplaceBack(std::move(value)); }
  [[nodiscard]] bool PushBack(const T& value) { return EmplaceBack(value); }

  // REQUIRES: !empty()
  T PopFront() {
    assert(size_ > 0);
    T* first = At(0);
    T value = std::move(*first);
    std::destroy_at(first);
    head_ = (head_ + 1) & (capacity_ - 1);
    --size_;
    return value;
  }
  // REQUIRES: !empty()
  T PopBack() {
    assert(size_ > 0);
    T* last = At(size_ - 1);
    T value = std::move(*last);
    std::destroy_at(last);
    --size_;
    return value;
  }

  // Destroys the elements, the oldest first; keeps the buffer.
  void clear() {
    for (uint32_t i = 0; i < size_; ++i) std::destroy_at(At(i));
    head_ = size_ = 0;
  }

  // Gives the buffer back when the ring is empty; otherwise does nothing.
  void ShrinkIfEmpty() {
    if (size_ == 0) Release();
  }

  // Index 0 is the oldest. REQUIRES: index < size()
  T& operator[](size_t index) {
    assert(index < size_);
    return *At(index);
  }
  const T& operator[](size_t index) const {
    assert(index < size_);
    return *At(index);
  }
  // REQUIRES: !empty()
  T& front() { return (*this)[0]; }
  const T& front() const { return (*this)[0]; }
  T& back() { return (*this)[size_ - size_t{1}]; }
  const T& back() const { return (*this)[size_ - size_t{1}]; }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  bool full() const { return size_ >= limit_; }
  size_t limit() const { return limit_; }
  // Elements that fit without an allocation, a power of two or 0.
  size_t capacity() const { return capacity_; }

  // A limit below size() drops nothing: the ring is full until enough has been popped.
  void set_limit(size_t limit) { limit_ = static_cast<uint32_t>(std::min(limit, kUnlimited)); }

 private:
  static constexpr uint32_t kFirstCapacity = 4;

  T* At(size_t index) const { return buffer_ + ((head_ + index) & (capacity_ - 1)); }

  // The new element is made first: its arguments may refer to one that is about to move.
  template <typename... Args>
  void GrowWith(Args&&... args) {
    const uint32_t capacity = capacity_ == 0 ? kFirstCapacity : capacity_ * 2;
    T* grown = std::allocator<T>().allocate(capacity);
    std::construct_at(grown + size_, std::forward<Args>(args)...);
    for (uint32_t i = 0; i < size_; ++i) {
      std::construct_at(grown + i, std::move(*At(i)));
      std::destroy_at(At(i));
    }
    if (buffer_ != nullptr) std::allocator<T>().deallocate(buffer_, capacity_);
    buffer_ = grown;
    capacity_ = capacity;
    head_ = 0;
  }

  void Release() {
    clear();
    if (buffer_ != nullptr) std::allocator<T>().deallocate(buffer_, capacity_);
    buffer_ = nullptr;
    capacity_ = 0;
  }

  // REQUIRES: this holds no buffer.
  void Steal(BoundedRing& other) {
    buffer_ = std::exchange(other.buffer_, nullptr);
    capacity_ = std::exchange(other.capacity_, 0);
    head_ = std::exchange(other.head_, 0);
    size_ = std::exchange(other.size_, 0);
  }

  T* buffer_ = nullptr;
  uint32_t capacity_ = 0;  // 0 or a power of two
  uint32_t head_ = 0;      // where the oldest is
  uint32_t size_ = 0;
  uint32_t limit_;
};

}  // namespace esockets::base

#endif  // BASE_BOUNDED_RING_H_
