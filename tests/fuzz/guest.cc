#include "tests/fuzz/guest.h"

#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <utility>

#include "base/counted_block.h"
#include "server/event_loop.h"
#include "server/flush_list.h"
#include "server/framing.h"
#include "tests/fuzz/expect.h"

namespace esockets::tests {

using server::CloseMode;
using server::Connection;
using server::SendResult;

namespace {

// A handler that always answers with more would never come to an end.
constexpr int kReactionsMax = 40;

}  // namespace

class Guest::Handler final : public server::ConnectionHandler {
 public:
  explicit Handler(Guest* guest) : guest_(*guest) { ++guest_.handlers_; }
  ~Handler() override { --guest_.handlers_; }

  size_t OnBytes(Connection& connection, std::string_view bytes) override {
    const size_t taken = guest_.OnBytes(bytes);
    if (guest_.input_.OneIn(16) && connection.handler() == this && connection.open()) {
      connection.ChangeProtocol(nullptr, std::make_unique<Handler>(&guest_));
    }
    return taken;
  }
  void OnEndOfInput(Connection& connection, bool unfinished) override {
    Expect(!guest_.is_over_ && !std::exchange(guest_.end_told_, true), "two ends of input");
    Expect(unfinished == (guest_.taken_ < guest_.shown_), "wrong about what is unfinished");
    guest_.React();
    // A peer that sends no more may be sent to, until somebody ends it.
    if (!guest_.input_.OneIn(4)) ConnectionHandler::OnEndOfInput(connection, unfinished);
  }
  void OnReadResumed(Connection&) override { guest_.React(); }
  void OnFlushed(Connection&, size_t) override { guest_.React(); }
  void OnSendRefused(Connection&) override { guest_.React(); }
  void OnSendQueueHigh(Connection&) override { guest_.React(); }
  void OnSendQueueLow(Connection&) override { guest_.React(); }
  void OnClosed(Connection& connection) override {
    Expect(!std::exchange(guest_.is_over_, true), "closed twice");
    Expect(connection.closed() && connection.fileno() < 0, "closed, and open");
    Expect(connection.end() != server::ConnectionEnd::kNone, "closed, and nobody knows why");
    Expect(connection.send_queue_bytes() == 0, "closed, and something is queued");
  }

 private:
  Guest& guest_;
};

void Guest::Start(Connection::Args args) {
  connection_ = base::MakeRefCounted<Connection>(std::move(args));
  connection_->Start(std::make_unique<Handler>(this));
}

std::string Guest::Refuse() {
  to_peer_.Add("no place");
  return "no place";
}

std::string Guest::Pattern(uint64_t seed, size_t bytes) const {
  std::string pattern(bytes, '\0');
  const uint64_t begin = seed * 53 + static_cast<uint64_t>(number_) * 17;
  for (size_t i = 0; i < bytes; ++i) pattern[i] = static_cast<char>(begin + i * 29 + (i >> 8) * 7);
  return pattern;
}

// --- what we do ---------------------------------------------------------------------------------

void Guest::Send(size_t bytes) {
  const std::string message = Pattern(++frames_, bytes);
  std::string framed(server::FramedBytes(server::Framing::kLengthDelimited, message), '\0');
  server::WriteFramed(server::Framing::kLengthDelimited, message, framed.data());
  // The handler may be told within the call, and send more behind it.
  const size_t number = to_peer_.Add(std::move(framed));
  to_peer_.Settle(number, connection_->Send(message) == SendResult::kOk);
}

void Guest::SendSpan(size_t bytes) {
  std::string frame = Pattern(++frames_, bytes);
  const base::BlockSpan span = connection_->loop().arena().Write(frame);
  const bool is_taken = connection_->open() && connection_->error_number() == 0;
  to_peer_.Settle(to_peer_.Add(std::move(frame)), is_taken);
  connection_->SendSpan(span,
                        bytes % 2 == 0 ? server::FlushRank::kFirst : server::FlushRank::kInTurn);
}

void Guest::Close(CloseMode mode, bool farewell) {
  we_closed_ = true;
  if (mode == CloseMode::kAfterCurrentFrame) to_peer_.MayDrop();
  const std::string last = farewell ? Pattern(++frames_, 20) : "";
  if (farewell) to_peer_.Add(last);
  connection_->Close(mode, last);
}

void Guest::Pause() {
  if (connection_->closed()) return;
  ++pauses_;
  connection_->PauseRead();
}

void Guest::Resume() {
  if (pauses_ == 0 || connection_->closed()) return;
  --pauses_;
  connection_->ResumeRead();
}

void Guest::ResumeAll() {
  while (pauses_ > 0 && !connection_->closed()) Resume();
}

size_t Guest::OnBytes(std::string_view bytes) {
  Expect(!is_over_, "input behind the end");
  // What was left comes again when reading goes on.
  Expect(!end_told_ || taken_ + bytes.size() <= shown_, "more behind the last byte");
  Expect(std::string_view(to_us_).substr(taken_).starts_with(bytes), "not what the peer has sent");
  Expect(taken_ + bytes.size() >= shown_, "what was left does not come again");
  shown_ = std::max(shown_, taken_ + bytes.size());
  const uint8_t how = input_.Next();
  const size_t takes = how % 4 != 3 ? bytes.size() : how / 4 % (bytes.size() + 1);
  taken_ += takes;
  React();
  return takes;
}

void Guest::React() {
  Expect(!is_over_, "told something behind its end");
  const uint8_t what = input_.Next();
  if (what == 0 || ++reactions_ > kReactionsMax) return;
  switch (what % 16) {
    case 0:
      return Send(what);
    case 1:
      return SendSpan(what * 20);
    case 2:
      return Pause();
    case 3:
      return Resume();
    case 4:
      return connection_->FlushNow();
    case 5:
      if (what % 3 == 0) Close(static_cast<CloseMode>(what / 16 % 3), what > 128);
      return;
    default:
      return;
  }
}

// --- what the peer does (with calls that are not wrapped)
// -------------------------------------------------------------------------

void Guest::PeerSends(size_t bytes) {
  if (peer_ended_ || peer_gone_) return;
  std::string pattern = Pattern(to_us_.size(), bytes);
  const ssize_t sent =
      ::sendto(peer_.get(), pattern.data(), bytes, MSG_DONTWAIT | MSG_NOSIGNAL, nullptr, 0);
  if (sent > 0) to_us_.append(pattern, 0, static_cast<size_t>(sent));
}

void Guest::PeerReads(size_t bytes_max) {
  std::array<char, 4096> buffer;
  while (bytes_max > 0 && !peer_gone_) {
    const ssize_t n = ::recvfrom(peer_.get(), buffer.data(), std::min(bytes_max, buffer.size()),
                                 MSG_DONTWAIT, nullptr, nullptr);
    if (n <= 0) return;
    arrived_.append(buffer.data(), static_cast<size_t>(n));
    bytes_max -= static_cast<size_t>(n);
  }
}

void Guest::PeerEnds() {
  if (!std::exchange(peer_ended_, true)) ::shutdown(peer_.get(), SHUT_WR);
}

void Guest::PeerGoes() {
  peer_gone_ = true;
  peer_.Reset();
}

// --- what is expected ---------------------------------------------------------------------------

bool Guest::undisturbed() const {
  return is_open() && !we_closed_ && !peer_ended_ && !peer_gone_ &&
         connection_->end() == server::ConnectionEnd::kNone && connection_->error_number() == 0;
}

void Guest::ExpectAllReceived() const {
  Expect(shown_ == to_us_.size(), "something that the peer has sent does not come");
}

void Guest::ExpectAllArrived() const {
  Expect(connection_->send_queue_bytes() == 0, "something is left in the queue");
  Expect(arrived_.size() == connection_->bytes_out_total(), "it is counted wrong");
}

void Guest::ExpectEnded() const {
  Expect(to_peer_.Explain(arrived_), "not what was queued for the peer");
  Expect(handlers_ == 0, "a handler lives on");
  if (!connection_) return;
  Expect(is_over_, "a connection without an end");
  Expect(taken_ <= to_us_.size(), "more is taken than was sent");
}

}  // namespace esockets::tests
