#include "bench/load/fleet.h"

#include <array>
#include <ctime>
#include <utility>

#include "base/strings.h"
#include "bench/load/process_usage.h"
#include "bench/load/websocket_carrier.h"

namespace esockets::load {
namespace {

constexpr int kEventsMax = 256;

// Fewer than any broker's backlog of connections that it has not accepted yet.
constexpr size_t kConnectingMax = 64;

// Without anything happening the broker has lost what is waited for.
constexpr uint64_t kSecondNs = 1'000'000'000;
constexpr uint64_t kPatienceNs = 5 * kSecondNs;

}  // namespace

Fleet::Fleet(const Target& target) : target_(target), epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}

std::unique_ptr<Carrier> Fleet::MakeCarrier(Transport transport) const {
  if (transport == Transport::kTcp) return nullptr;
  if (IsTls(transport)) return std::make_unique<TlsCarrier>(target_.tls->NewSsl(transport));
  return std::make_unique<WebSocketCarrier>(transport == Transport::kDeflatedWebSocket);
}

absl::StatusOr<Link*> Fleet::Add(StreamCheck::Expect expect, std::string_view requests,
                                 Transport transport) {
  links_.push_back(std::make_unique<Link>(target_.protocol, expect, next_number_++));
  Link* const link = links_.back().get();
  if (const absl::Status begun = Connect(link, requests, transport); !begun.ok()) return begun;
  const size_t wanted = links_.size() < kConnectingMax ? 0 : links_.size() - kConnectingMax;
  const absl::Status waited =
      TurnUntil("connections", [this, wanted] { return established_ >= wanted; });
  if (!waited.ok()) return waited;
  return link;
}

absl::Status Fleet::Replace(size_t index) {
  Link& old = *links_[index];
  if (old.established) --established_;
  old.Abort();
  links_[index] =
      std::make_unique<Link>(target_.protocol, StreamCheck::Expect::kEvery, next_number_++);
  return Connect(links_[index].get(), {}, target_.transport);
}

absl::Status Fleet::Connect(Link* link, std::string_view requests, Transport transport) {
  link->set_carrier(MakeCarrier(transport));
  absl::Status opened = link->Open(IsTls(transport) ? target_.tls_address : target_.address);
  if (!opened.ok()) return opened;
  target_.protocol.append_connect(base::StrCat(target_.ids, link->number()), link->out());
  link->out()->append(requests);
  link->waits_for_room = true;
  Watch(link, EPOLL_CTL_ADD, EPOLLIN | EPOLLOUT);
  return absl::OkStatus();
}

void Fleet::Flush(Link* link) {
  if (!link->Flush()) WaitForRoom(link);
}

void Fleet::WaitForRoom(Link* link) {
  if (link->waits_for_room || !link->is_open()) return;
  link->waits_for_room = true;
  Watch(link, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
}

void Fleet::Poll() {
  const uint64_t from_ns = NowNs();
  if (Turn(0) == 0) idle_ns_ += NowNs() - from_ns;
}

int Fleet::Turn(uint64_t timeout_ns) {
  std::array<epoll_event, kEventsMax> events;
  const timespec timeout = {.tv_sec = static_cast<time_t>(timeout_ns / kSecondNs),
                            .tv_nsec = static_cast<long>(timeout_ns % kSecondNs)};  // NOLINT
  const int count = ::epoll_pwait2(epoll_.get(), events.data(), kEventsMax, &timeout, nullptr);
  for (int i = 0; i < count; ++i) {
    const epoll_event& event = events[static_cast<size_t>(i)];
    Link* const link = static_cast<Link*>(event.data.ptr);
    if ((event.events & EPOLLOUT) != 0 && link->Flush()) {
      link->waits_for_room = false;
      Watch(link, EPOLL_CTL_MOD, EPOLLIN);
    }
    const bool readable = (event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0;
    if (readable && !link->Receive(&scratch_, &totals_)) OnClosed(link);
    NoteEstablished(link);
    if (link->has_answer()) Flush(link);
  }
  return count;
}

void Fleet::NoteEstablished(Link* link) {
  if (link->established || (link->is_open() && !link->is_carried())) return;
  link->established = true;
  ++established_;
}

void Fleet::OnClosed(Link* link) {
  link->Close();
  if (!link->may_lose) ++totals_.closed;
}

absl::Status Fleet::TurnUntil(std::string_view what, const std::function<bool()>& done) {
  return Until(what, done, [this] { Turn(kSecondNs / 10); });
}

absl::Status Fleet::PollUntil(std::string_view what, const std::function<bool()>& done) {
  return Until(what, done, [this] { Poll(); });
}

absl::Status Fleet::Until(std::string_view what, const std::function<bool()>& done,
                          const std::function<void()>& turn) {
  uint64_t bytes = totals_.bytes_received;
  uint64_t since_ns = NowNs();
  while (!done()) {
    turn();
    if (totals_.bytes_received != bytes) {
      bytes = totals_.bytes_received;
      since_ns = NowNs();
    } else if (NowNs() - since_ns > kPatienceNs) {
      return base::Error(absl::StatusCode::kDeadlineExceeded, "waiting for ", what,
                         ": nothing came for 5 s; ", totals_.closed,
                         " connections were closed by the broker");
    }
  }
  return absl::OkStatus();
}

absl::Status Fleet::WaitUntilConnected() {
  if (!target_.protocol.answers_connect) return absl::OkStatus();
  return TurnUntil("Connect", [this] { return totals_.connected >= links_.size(); });
}

Faults Fleet::faults() const {
  Faults sum;
  for (const auto& link : links_) {
    if (!link->may_lose) sum.Add(link->check().faults());
  }
  return sum;
}

void Fleet::Watch(Link* link, int operation, uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.ptr = link;
  ::epoll_ctl(epoll_.get(), operation, link->fd(), &event);
}

}  // namespace esockets::load
