// For a test of one part of a loop, where there is no loop and only one thread: tells clang's
// analysis that the functions marked ESOCKETS_ON_LOOP may be called from here on.
#ifndef TESTS_SUPPORT_PRETEND_ON_LOOP_H_
#define TESTS_SUPPORT_PRETEND_ON_LOOP_H_

#include "base/on_loop.h"

namespace esockets::tests {

inline void PretendOnLoop() ESOCKETS_ASSERTS_ON_LOOP {}

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_PRETEND_ON_LOOP_H_
