#include "bench/load/fleet.h"

#include <array>
#include <ctime>
#include <utility>

#include "base/strings.h"
#include "bench/load/process_usage.h"

namespace esockets::load {
namespace {

constexpr int kEventsMax = 256;

// Fewer than any broker's backlog of connections that it has not accepted yet.
constexpr size_t kConnectingMax = 64;

// Without anything happening the broker has lost what is waited for.
constexpr uint64_t kSecondNs = 1'000'000'000;
constexpr uint64_t kPatienceNs = 5 * kSecondNs;

}  // namespace

Fleet::Fleet(const Protocol& protocol, const server::SocketAddress& address, Transport transport)
    : protocol_(protocol),
      address_(address),
      transport_(transport),
      epoll_(::epoll_create1(EPOLL_CLOEXEC)) {}

absl::StatusOr<Link*> Fleet::Add(StreamCheck::Expect expect, std::string_view requests,
                                 Transport transport) {
  links_.push_back(std::make_unique<Link>(protocol_, expect, links_.size()));
  Link* const link = links_.back().get();
  link->set_transport(transport);
  if (const absl::Status opened = link->Open(address_); !opened.ok()) return opened;
  protocol_.append_connect(base::StrCat("load-", link->number()), link->out());
  link->out()->append(requests);
  link->waits_for_room = true;
  Watch(link, EPOLL_CTL_ADD, EPOLLIN | EPOLLOUT);
  const size_t wanted = links_.size() < kConnectingMax ? 0 : links_.size() - kConnectingMax;
  const absl::Status waited =
      TurnUntil("connections", [this, wanted] { return established_ >= wanted; });
  if (!waited.ok()) return waited;
  return link;
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
    if (!std::exchange(link->established, true)) ++established_;
    if ((event.events & EPOLLOUT) != 0 && link->Flush()) {
      link->waits_for_room = false;
      Watch(link, EPOLL_CTL_MOD, EPOLLIN);
    }
    const bool readable = (event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0;
    if (readable && !link->Receive(&scratch_, &totals_)) OnClosed(link);
  }
  return count;
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
  if (!protocol_.answers_connect) return absl::OkStatus();
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
