// What becomes of each system call, as a fuzzer says from the back of its input: most go well.
#ifndef TESTS_FUZZ_CALL_SCRIPT_H_
#define TESTS_FUZZ_CALL_SCRIPT_H_

#include "tests/fuzz/byte_source.h"
#include "tests/support/wrapped_calls.h"

namespace esockets::tests {

class CallScript {
 public:
  // REQUIRES: `input` outlives this.
  explicit CallScript(ByteSource* input) : input_(*input) {}

  Fate Next(SystemCall call);

 private:
  // What ends a connection, or keeps one from beginning.
  Fate Fault(SystemCall call);

  ByteSource& input_;
};

}  // namespace esockets::tests

#endif  // TESTS_FUZZ_CALL_SCRIPT_H_
