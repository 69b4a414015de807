// An event loop with a listener and some guests, whose system calls go as a fuzzer says.
#ifndef TESTS_FUZZ_LOOP_STAGE_H_
#define TESTS_FUZZ_LOOP_STAGE_H_

#include <sys/socket.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "base/on_loop.h"
#include "server/connection_settings.h"
#include "server/event_loop.h"
#include "server/listener.h"
#include "server/unique_fd.h"
#include "tests/fuzz/byte_source.h"
#include "tests/fuzz/call_script.h"
#include "tests/fuzz/guest.h"
#include "tests/support/wrapped_calls.h"

namespace esockets::tests {

class LoopStage {
 public:
  // REQUIRES: `input` outlives this.
  explicit LoopStage(ByteSource* input);
  ~LoopStage();

  // The whole play: until the input is at its end, everybody has gone, and nothing is left.
  void Run();

 private:
  enum class Act { kPlay, kResume, kExpect, kClose, kLeave };

  Fate Decide(SystemCall call);
  void Listen() ESOCKETS_ON_LOOP;
  void Turn() ESOCKETS_ON_LOOP;
  void OnRest();
  void Step() ESOCKETS_ON_LOOP;
  void StepOf(Guest* guest, size_t what) ESOCKETS_ON_LOOP;
  void NewPair() ESOCKETS_ON_LOOP;
  void NewClient();
  void Accept(server::UniqueFd fd) ESOCKETS_ON_LOOP;
  void NextAct() ESOCKETS_ON_LOOP;
  void ExpectNothingLeft() ESOCKETS_ON_LOOP;
  server::Connection::Args ArgsFor(server::UniqueFd fd, const char* address);

  ByteSource& input_;
  CallScript script_;
  Act act_ = Act::kPlay;
  bool faults_ = false;
  const int first_free_fd_;
  WrappedCalls calls_;
  server::ConnectionSettings settings_;
  std::vector<std::unique_ptr<Guest>> guests_;
  std::deque<Guest*> waiting_;  // to be accepted, in this order
  sockaddr_storage address_{};  // of the listener
  socklen_t address_bytes_ = 0;
  std::unique_ptr<server::Listener> listener_;
  std::optional<server::EventLoop> loop_;
  bool resting_ = false;
  uint64_t waits_allowed_ = 0;  // more would be a loop that spins
  uint64_t next_id_ = 1;
};

}  // namespace esockets::tests

#endif  // TESTS_FUZZ_LOOP_STAGE_H_
