// Assertions. What a client sends is never asserted: it is handled. ESOCKETS_CHECK is for "this
// cannot happen": it prints where and what, and ends the process, in every build.
#ifndef BASE_CHECK_H_
#define BASE_CHECK_H_

namespace esockets::base {

[[noreturn]] void CheckFailed(const char* file, int line, const char* condition);

}  // namespace esockets::base

#define ESOCKETS_CHECK(condition)                                    \
  do {                                                               \
    if (!(condition)) [[unlikely]] {                                 \
      ::esockets::base::CheckFailed(__FILE__, __LINE__, #condition); \
    }                                                                \
  } while (false)

#endif  // BASE_CHECK_H_
