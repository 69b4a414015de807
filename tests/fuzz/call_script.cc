#include "tests/fuzz/call_script.h"

#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>

namespace esockets::tests {

using std::chrono::microseconds;
using std::chrono::milliseconds;

Fate CallScript::Next(SystemCall call) {
  const uint8_t how = input_.NextFromBack();
  if (how < 150) return {};
  if (how < 190) return {.size_max = size_t{1} + how % 20};
  if (how < 210) return {.error = call == SystemCall::kWait ? EINTR : EAGAIN};
  if (how < 230) return {.error = call == SystemCall::kWatch ? 0 : EINTR};
  if (how < 240) {
    return {.takes = how % 2 == 0 ? base::Duration(microseconds(200)) : milliseconds(400)};
  }
  return Fault(call);
}

Fate CallScript::Fault(SystemCall call) {
  static constexpr int kReceive[] = {0, ECONNRESET, ETIMEDOUT, EHOSTUNREACH, ENOMEM};
  static constexpr int kSend[] = {EPIPE, ECONNRESET, ENOBUFS, ETIMEDOUT, ENOMEM};
  static constexpr int kAccept[] = {EMFILE, ENFILE, ENOBUFS, ENOMEM, ECONNABORTED, EPROTO, EPERM};
  static constexpr int kWatch[] = {ENOMEM, ENOSPC};
  const uint8_t which = input_.NextFromBack();
  switch (call) {
    case SystemCall::kReceive: {
      const int error = kReceive[which % std::size(kReceive)];
      return {.error = error, .is_end = error == 0};
    }
    case SystemCall::kSend:
      return {.error = kSend[which % std::size(kSend)]};
    case SystemCall::kAccept:
      return {.error = kAccept[which % std::size(kAccept)]};
    case SystemCall::kWait:
      return {.hangs_up = true};
    case SystemCall::kWatch:
      return {.error = kWatch[which % std::size(kWatch)]};
  }
  return {};
}

}  // namespace esockets::tests
