// A connection of ours and the other end of its socket, with what each of them may have heard of
// the other: its handler does what a fuzzer says.
#ifndef TESTS_FUZZ_GUEST_H_
#define TESTS_FUZZ_GUEST_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/on_loop.h"
#include "base/ref_counted.h"
#include "server/connection.h"
#include "server/connection_handler.h"
#include "server/unique_fd.h"
#include "tests/fuzz/byte_source.h"
#include "tests/fuzz/sent_frames.h"

namespace esockets::tests {

class Guest {
 public:
  // `peer`: the other end. REQUIRES: `input` outlives this, this the connection's handler.
  Guest(ByteSource* input, int number, server::UniqueFd peer)
      : input_(*input), number_(number), peer_(std::move(peer)) {}
  Guest(const Guest&) = delete;
  Guest& operator=(const Guest&) = delete;

  // Our end, accepted.
  void Start(server::Connection::Args args) ESOCKETS_ON_LOOP;
  // It is refused, with these bytes at most.
  std::string Refuse();

  // --- what we do
  void Send(size_t bytes) ESOCKETS_ON_LOOP;
  void SendSpan(size_t bytes) ESOCKETS_ON_LOOP;
  void Close(server::CloseMode mode, bool farewell) ESOCKETS_ON_LOOP;
  void Pause() ESOCKETS_ON_LOOP;
  void Resume() ESOCKETS_ON_LOOP;
  void ResumeAll() ESOCKETS_ON_LOOP;

  // --- what the peer does
  void PeerSends(size_t bytes);
  void PeerReads(size_t bytes_max);
  void PeerEnds();
  void PeerGoes();

  // Nothing but good may be expected of it: no fault was made, nobody has ended it.
  bool undisturbed() const;
  bool is_open() const { return connection_ && !is_over_; }
  bool is_over() const { return is_over_; }
  server::Connection* connection() const { return connection_.get(); }
  // All that was sent to us came.
  void ExpectAllReceived() const;
  // All that was queued arrived.
  void ExpectAllArrived() const;
  // Its story is consistent.
  void ExpectEnded() const;

 private:
  class Handler;

  size_t OnBytes(std::string_view bytes) ESOCKETS_ON_LOOP;
  void React() ESOCKETS_ON_LOOP;
  std::string Pattern(uint64_t seed, size_t bytes) const;

  ByteSource& input_;
  const int number_;
  server::UniqueFd peer_;
  base::RefPtr<server::Connection> connection_;
  int pauses_ = 0;
  bool we_closed_ = false;
  bool peer_ended_ = false;
  bool peer_gone_ = false;

  std::string to_us_;  // what the peer has sent
  size_t taken_ = 0;   // of it, by the handler
  size_t shown_ = 0;   // of it, to the handler
  bool end_told_ = false;
  bool is_over_ = false;
  int handlers_ = 0;  // that live
  int reactions_ = 0;

  SentFrames to_peer_;
  uint64_t frames_ = 0;
  std::string arrived_;
};

}  // namespace esockets::tests

#endif  // TESTS_FUZZ_GUEST_H_
