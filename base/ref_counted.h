// Objects that count their holders themselves. Of an object of which there are very many, a
// std::shared_ptr costs too much: control block, weak pointer and a pointer to itself are 48 bytes,
// and this is 4. Thread: any.
#ifndef BASE_REF_COUNTED_H_
#define BASE_REF_COUNTED_H_

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace esockets::base {

// Base of a class that RefPtr holds. The object is made with `new` (MakeRefCounted) and deleted
// with its last RefPtr; its destructor is virtual or the class is final.
class RefCounted {
 public:
  RefCounted() = default;
  RefCounted(const RefCounted&) = delete;
  RefCounted& operator=(const RefCounted&) = delete;

 protected:
  ~RefCounted() = default;

 private:
  template <typename T>
  friend class RefPtr;

  std::atomic<uint32_t> references_{0};
};

// Holds an object, or nothing. As std::shared_ptr it may be copied while others use the object, and
// one RefPtr is not for two threads at once.
template <typename T>
class RefPtr {
 public:
  RefPtr() = default;
  RefPtr(std::nullptr_t) {}  // NOLINT(google-explicit-constructor): as any pointer
  // One holder more. REQUIRES: the object was made with `new`, and lives.
  explicit RefPtr(T* object) : object_(object) {
    if (object_ != nullptr) object_->references_.fetch_add(1, std::memory_order_relaxed);
  }
  RefPtr(const RefPtr& other) : RefPtr(other.object_) {}
  RefPtr(RefPtr&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  // From a pointer to a derived class.
  template <typename U>
  RefPtr(RefPtr<U> other) : object_(other.Release()) {}  // NOLINT(google-explicit-constructor)
  RefPtr& operator=(RefPtr other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }
  ~RefPtr() { Drop(); }

  // The caller holds the object from here on, until he adopts it again.
  [[nodiscard]] T* Release() { return std::exchange(object_, nullptr); }
  static RefPtr Adopt(T* held) {
    RefPtr pointer;
    pointer.object_ = held;
    return pointer;
  }

  T* get() const { return object_; }
  T& operator*() const { return *object_; }
  T* operator->() const { return object_; }
  explicit operator bool() const { return object_ != nullptr; }
  bool operator==(const RefPtr&) const = default;
  bool operator==(std::nullptr_t) const { return object_ == nullptr; }

 private:
  // The last holder sees everything that the others have done.
  void Drop() {
    if (object_ == nullptr) return;
    if (object_->references_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete object_;
  }

  T* object_ = nullptr;
};

template <typename T, typename... Args>
RefPtr<T> MakeRefCounted(Args&&... args) {
  return RefPtr<T>(new T(std::forward<Args>(args)...));
}

}  // namespace esockets::base

#endif  // BASE_REF_COUNTED_H_
