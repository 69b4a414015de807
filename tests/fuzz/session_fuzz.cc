// Three clients may do anything, in any order, on a broker of one loop or two that has streams,
// last values, presence, rules and users: commands of every kind and bytes that are none,
// connections that end anywhere, readers that stop, time that passes, rules that change. Each
// answer is one to a request, no request is answered twice, each that is left is answered in the
// end, nothing comes behind a Close, and of clients that have gone nothing is left.
#include <cstddef>
#include <cstdint>

#include "base/log.h"
#include "tests/fuzz/byte_source.h"
#include "tests/fuzz/session_stage.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace esockets;
  base::SetLogLevel(base::LogLevel::kError);
  tests::ByteSource input(data, size);
  tests::SessionStage stage(&input);
  stage.Play();
  stage.Finish();
  return 0;
}
