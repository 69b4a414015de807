#include "tests/fuzz/loop_stage.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "server/limits.h"
#include "server/socket_address.h"
#include "tests/fuzz/expect.h"
#include "tests/support/pretend_on_loop.h"

namespace esockets::tests {
namespace {

using server::CloseMode;
using server::UniqueFd;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr size_t kGuestsMax = 6;
// Each wait has a reason: events, of which a fault may hide some, or a task of ours.
constexpr uint64_t kWaitsToRest = 3'000;
constexpr int kSocketType = SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC;

int FirstFreeFd() {
  const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
  ::close(fd);
  return fd;
}

}  // namespace

LoopStage::LoopStage(ByteSource* input)
    : input_(*input),
      script_(input),
      first_free_fd_(FirstFreeFd()),
      calls_([this](SystemCall call) { return Decide(call); }) {
  const size_t options = input_.Next();
  settings_.framing = server::Framing::kLengthDelimited;
  settings_.high_watermark_bytes = 4'000;
  settings_.low_watermark_bytes = 1'000;
  settings_.send_queue_bytes_max = 100'000;
  if ((options & 1) != 0) settings_.idle_timeout = seconds(1);
  if ((options & 2) != 0) settings_.close_linger = milliseconds(1);
  loop_.emplace(server::EventLoopOptions{
      .recv_buffer_bytes = (options & 4) != 0 ? size_t{1'000} : server::kRecvBufferBytes});
  calls_.set_on_rest([this] { OnRest(); });
}

LoopStage::~LoopStage() = default;

// --- what the kernel does -----------------------------------------------------------------------

Fate LoopStage::Decide(SystemCall call) {
  Expect(!resting_ || calls_.waits() <= waits_allowed_, "the loop spins");
  if (act_ != Act::kPlay && call == SystemCall::kWait) {
    for (const auto& guest : guests_) guest->PeerReads(~size_t{0});
  }
  if (!faults_) return {};
  return script_.Next(call);
}

// --- the play -----------------------------------------------------------------------------------

void LoopStage::Run() {
  PretendOnLoop();
  Listen();
  faults_ = true;
  loop_->Post([this] { Turn(); });
  loop_->Run();
  faults_ = false;
  ExpectNothingLeft();
}

void LoopStage::Listen() {
  UniqueFd fd(::socket(AF_UNIX, kSocketType, 0));
  // Without a name, so that the kernel gives it one that is no file's.
  const sockaddr_un unnamed{.sun_family = AF_UNIX, .sun_path = {}};
  Expect(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&unnamed), sizeof(sa_family_t)) == 0 &&
             ::listen(fd.get(), 3) == 0,
         "no listener");
  address_bytes_ = sizeof address_;
  ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address_), &address_bytes_);
  listener_ = std::make_unique<server::Listener>(
      &*loop_, std::move(fd), *server::SocketAddress::Parse("127.0.0.1:1"),
      server::Listener::Callbacks{
          .why_refuse = [this](const server::SocketAddress&) -> std::optional<std::string> {
            if (!input_.OneIn(8)) return std::nullopt;
            return "full";
          },
          .on_accept = [this](UniqueFd accepted,
                              const server::SocketAddress&) { Accept(std::move(accepted)); },
          .on_warning = [](std::string_view) {},
          .on_refuse =
              [this](std::string_view) {
                Guest* const guest = waiting_.front();
                waiting_.pop_front();
                return guest->Refuse();
              }});
  listener_->Start();
}

// Once a turn, or when the loop has come to rest.
void LoopStage::Turn() {
  resting_ = false;
  if (act_ == Act::kPlay && !input_.empty()) {
    Step();
  } else {
    NextAct();
  }
  if (!resting_) loop_->Post([this] { Turn(); });
}

void LoopStage::OnRest() {
  if (resting_ && act_ != Act::kExpect) loop_->Post([this] { Turn(); });
}

void LoopStage::Step() {
  const size_t which = input_.Next();
  if (which < 24) return guests_.size() < kGuestsMax ? NewPair() : NewClient();
  if (which < 32) return NewClient();
  if (which < 48) return calls_.Advance(milliseconds(which * which / 4));
  if (which < 80) {
    resting_ = true;
    waits_allowed_ = calls_.waits() + kWaitsToRest;
    return;
  }
  if (guests_.empty()) return NewPair();
  StepOf(guests_[which % guests_.size()].get(), which / 8);
}

void LoopStage::StepOf(Guest* guest, size_t what) {
  static constexpr size_t kBytes[] = {1, 7, 100, 900, 5'000, 70'000};
  if (what == 10) return guest->PeerEnds();
  if (what == 11) return guest->PeerGoes();
  if (what < 16) return guest->PeerSends(input_.Pick(kBytes));
  if (what < 20) return guest->PeerReads(input_.Pick(kBytes));
  if (guest->connection() == nullptr) return;
  if (what < 24) return guest->Send(input_.Pick(kBytes));
  if (what < 27) return guest->SendSpan(input_.Pick(kBytes));
  if (what == 27) return guest->Pause();
  if (what == 28) return guest->Resume();
  if (what == 29) return guest->connection()->FlushNow();
  if (what == 30) return guest->ResumeAll();
  const uint8_t how = input_.Next();
  guest->Close(static_cast<CloseMode>(how % 3), how > 128);
}

server::Connection::Args LoopStage::ArgsFor(UniqueFd fd, const char* address) {
  return {.loop = &*loop_,
          .fd = std::move(fd),
          .id = next_id_++,
          .peer = *server::SocketAddress::Parse(address),
          .settings = &settings_};
}

// What a socket is called decides how its end is read: a TCP socket's hides what came before it.
void LoopStage::NewPair() {
  int fds[2];
  Expect(::socketpair(AF_UNIX, kSocketType, 0, fds) == 0, "no pair");
  const bool is_unix = input_.OneIn(2);
  guests_.push_back(
      std::make_unique<Guest>(&input_, static_cast<int>(guests_.size()), UniqueFd(fds[1])));
  guests_.back()->Start(ArgsFor(UniqueFd(fds[0]), is_unix ? "unix:/test" : "127.0.0.1:2"));
}

void LoopStage::NewClient() {
  UniqueFd fd(::socket(AF_UNIX, kSocketType, 0));
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address_), address_bytes_) != 0)
    return;
  guests_.push_back(
      std::make_unique<Guest>(&input_, static_cast<int>(guests_.size()), std::move(fd)));
  waiting_.push_back(guests_.back().get());
}

void LoopStage::Accept(UniqueFd fd) {
  Guest* const guest = waiting_.front();
  waiting_.pop_front();
  guest->Start(ArgsFor(std::move(fd), "unix:/test"));
}

// --- the end of the play ------------------------------------------------------------------------

// Each act begins when the loop rests, but for the one that expects: it begins after some time.
void LoopStage::NextAct() {
  faults_ = false;
  resting_ = true;
  waits_allowed_ = calls_.waits() + kWaitsToRest;
  switch (act_) {
    case Act::kPlay:
      act_ = Act::kResume;
      for (const auto& guest : guests_) {
        if (guest->is_open()) guest->ResumeAll();
      }
      return;
    case Act::kResume:
      // Longer than a listener pauses, shorter than anybody may be idle.
      act_ = Act::kExpect;
      loop_->RunAt(loop_->TurnTime() + milliseconds(500), [this] { Turn(); });
      return;
    case Act::kExpect:
      act_ = Act::kClose;
      for (const auto& guest : guests_) {
        if (!guest->undisturbed()) continue;
        guest->ExpectAllReceived();
        guest->ExpectAllArrived();
      }
      Expect(waiting_.empty(), "a client is not accepted, and not refused");
      listener_->Stop();
      for (const auto& guest : guests_) {
        if (guest->is_open()) guest->Close(CloseMode::kAfterFlush, true);
      }
      return;
    case Act::kClose:
      for (const auto& guest : guests_) guest->PeerEnds();
      act_ = Act::kLeave;
      return;
    case Act::kLeave:
      resting_ = false;
      loop_->Stop();
  }
}

void LoopStage::ExpectNothingLeft() {
  for (const auto& guest : guests_) guest->ExpectEnded();
  Expect(loop_->metrics().connections.value() == 0, "connections are left");
  Expect(loop_->flush_list().empty(), "somebody is left to be flushed");
  Expect(loop_->stalled_list().empty(), "somebody is left who waits for a socket");
  Expect(loop_->low_priority().empty(), "tasks are left");
  Expect(loop_->arena().bytes_in_use() <= server::kChunkBytes, "memory of frames is left");
  Expect(calls_.bad_descriptors() == 0, "a call with a descriptor that had been closed");
  listener_.reset();
  guests_.clear();
  loop_.reset();
  Expect(FirstFreeFd() == first_free_fd_, "a descriptor is left open");
}

}  // namespace esockets::tests
