// The rule "call this only on a loop", checked by clang's thread safety analysis.
//
// `on_loop` is a capability, not a lock: nothing is ever acquired. A function marked
// ESOCKETS_ON_LOOP can be called from another such function, or after an assertion that says
// *which* loop it is (Executor::AssertOnLoop); anything else does not compile under clang. Posted
// lambdas begin with that assertion.
#ifndef BASE_ON_LOOP_H_
#define BASE_ON_LOOP_H_

#include "absl/base/thread_annotations.h"

namespace esockets::base {

class ABSL_LOCKABLE OnLoopCapability {};

// Has no state; exists to be named in annotations.
inline OnLoopCapability on_loop;

}  // namespace esockets::base

#define ESOCKETS_ON_LOOP ABSL_EXCLUSIVE_LOCKS_REQUIRED(::esockets::base::on_loop)
#define ESOCKETS_ASSERTS_ON_LOOP ABSL_ASSERT_EXCLUSIVE_LOCK(::esockets::base::on_loop)
#define ESOCKETS_GUARDED_BY_LOOP ABSL_GUARDED_BY(::esockets::base::on_loop)

#endif  // BASE_ON_LOOP_H_
