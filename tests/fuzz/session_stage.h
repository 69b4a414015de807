// A broker on one loop or two, in memory, and clients on it that do what a fuzzer says.
#ifndef TESTS_FUZZ_SESSION_STAGE_H_
#define TESTS_FUZZ_SESSION_STAGE_H_

#include <array>
#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "broker/shard.h"
#include "proto/esockets.pb.h"
#include "tests/fuzz/answer_book.h"
#include "tests/fuzz/byte_source.h"
#include "tests/fuzz/command_maker.h"
#include "tests/support/sim_client.h"
#include "tests/support/sim_cluster.h"

namespace esockets::tests {

class SessionStage {
 public:
  // REQUIRES: `input` outlives this.
  explicit SessionStage(ByteSource* input);

  // Until the input is at its end.
  void Play();
  // Everybody reads, and has all answers; then everybody goes, and the broker is as it was.
  void Finish();

 private:
  struct Seat {
    std::unique_ptr<SimClient> client;
    AnswerBook answers;
    std::string inbox;
    uint64_t last_id = 0;
    bool closed = false;  // the broker has said its last word
  };

  void Step();
  void Command(Seat* seat, size_t which);
  void Happening(Seat* seat, size_t which);
  void Enter(Seat* seat);
  void Send(Seat* seat, const ClientFrame& frame);
  void SendRaw(Seat* seat, std::string_view bytes);
  void Reload();
  void Turn();
  void Pass(base::Duration time);
  void Collect(Seat* seat);
  void TellInboxes();
  void ExpectNothingLeft(uint32_t loop);

  ByteSource& input_;
  CommandMaker commands_;
  const bool narrow_;  // limits are small
  std::unique_ptr<SimCluster> cluster_;
  std::array<Seat, 3> seats_;
  base::Duration passed_{};
};

}  // namespace esockets::tests

#endif  // TESTS_FUZZ_SESSION_STAGE_H_
