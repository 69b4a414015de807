// Objects that carry a text of any length in their own allocation.
#ifndef BROKER_TEXT_OBJECT_H_
#define BROKER_TEXT_OBJECT_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <string_view>
#include <utility>

namespace esockets::broker {

// Base of a class T whose text follows it in memory. The index holds one or more such
// objects per filter: a std::string would cost 28 bytes more, and often a second block.
//
//   class Filter : public TextObject<Filter> {...};
//   Filter::Ptr filter = Filter::Make("room/42");
//
// REQUIRES: T is final; its constructors and destructor need not be public if T befriends
// TextObject<T>.
template <typename T>
class TextObject {
 public:
  struct Delete {
    void operator()(T* object) const {
      object->~T();
      ::operator delete(object);
    }
  };
  using Ptr = std::unique_ptr<T, Delete>;

  template <typename... Args>
  static Ptr Make(std::string_view text, Args&&... args) {
    void* memory = ::operator new(sizeof(T) + text.size());
    T* made = new (memory) T(std::forward<Args>(args)...);
    made->text_bytes_ = static_cast<uint32_t>(text.size());
    text.copy(reinterpret_cast<char*>(made + 1), text.size());
    return Ptr(made);
  }

  TextObject(const TextObject&) = delete;
  TextObject& operator=(const TextObject&) = delete;

  // Good as long as the object lives.
  std::string_view text() const {
    return {reinterpret_cast<const char*>(static_cast<const T*>(this) + 1), text_bytes_};
  }

  size_t bytes() const { return sizeof(T) + text_bytes_; }

 protected:
  TextObject() = default;
  ~TextObject() = default;

 private:
  uint32_t text_bytes_ = 0;
};

}  // namespace esockets::broker

#endif  // BROKER_TEXT_OBJECT_H_
