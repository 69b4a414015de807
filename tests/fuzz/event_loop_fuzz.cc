// The loop, its listener and its connections, with system calls that go as the input says: short
// reads and writes, refusals, interruptions, resets and ends at every point, accepts without a
// descriptor; and with handlers that do anything in whatever they are told. What arrives on either
// side is what was sent, in order; each connection is told of its end once; the loop comes to rest;
// nothing is left of those that have gone, and what nothing has disturbed is whole.
#include <cstddef>
#include <cstdint>

#include "base/log.h"
#include "tests/fuzz/byte_source.h"
#include "tests/fuzz/loop_stage.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace esockets;
  base::SetLogLevel(base::LogLevel::kError);
  tests::ByteSource input(data, size);
  tests::LoopStage stage(&input);
  stage.Run();
  return 0;
}
