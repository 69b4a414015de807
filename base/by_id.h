// The order of objects by their ids: a set of pointers that is searched by id is half as large as a
// map from ids to pointers.
#ifndef BASE_BY_ID_H_
#define BASE_BY_ID_H_

#include <cstdint>

namespace esockets::base {

// REQUIRES: T::id() does not change while it is in the set.
template <typename T>
struct ById {
  using is_transparent = void;

  template <typename A, typename B>
  bool operator()(const A& a, const B& b) const {
    return Id(a) < Id(b);
  }

 private:
  static uint64_t Id(const T* object) { return object->id(); }
  static uint64_t Id(uint64_t id) { return id; }
};

}  // namespace esockets::base

#endif  // BASE_BY_ID_H_
