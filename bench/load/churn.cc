#include <cstdint>
#include <string>
#include <vector>

#include "base/strings.h"
#include "bench/load/meter.h"
#include "bench/load/scenarios.h"
#include "bench/load/traffic.h"

namespace esockets::load {
namespace {

// Requests of one client that are not answered yet.
constexpr uint64_t kUnansweredMax = 16;

// Filters that one client goes through, each subscribed for so many requests.
constexpr uint64_t kFilters = 1'000;
constexpr uint64_t kStanding = 8;

constexpr size_t kHolders = 100;

// One client that subscribes to one filter after the other, and leaves the oldest.
class Churner {
 public:
  Churner(Link* link, Fleet* fleet) : link_(link), fleet_(*fleet) {}

  // Its requests, an even number of them.
  void Request(uint64_t count) {
    const Protocol& protocol = fleet_.protocol();
    for (; count > 1; count -= 2, ++next_) {
      protocol.append_subscribe(++id_, Filter(next_), link_->out());
      if (next_ < kStanding) continue;
      const uint64_t oldest = next_ - kStanding;
      protocol.append_unsubscribe(++id_, SubscribeId(oldest), Filter(oldest), link_->out());
    }
    fleet_.Flush(link_);
  }

  uint64_t requested() const { return id_; }

 private:
  std::string Filter(uint64_t number) const {
    return base::StrCat("churn/", 1'000'000 + link_->number(), "/", 1'000 + number % kFilters);
  }
  // The first kStanding requests are Subscribes, then each second one.
  static uint64_t SubscribeId(uint64_t number) {
    return number < kStanding ? number + 1 : kStanding + 2 * (number - kStanding) + 1;
  }

  Link* link_;
  Fleet& fleet_;
  uint64_t id_ = 0;
  uint64_t next_ = 0;  // number of the next Subscribe
};

}  // namespace

absl::StatusOr<Result> Churn(const Options& options, Fleet* fleet) {
  Traffic holders(options, fleet);
  for (size_t i = 0; i < kHolders; ++i) {
    std::vector<std::string> filters;
    for (size_t j = i; j < options.literals; j += kHolders) {
      filters.push_back(base::StrCat("load/", 1'000'000 + j));
    }
    const auto added = holders.AddSubscriber(StreamCheck::Expect::kEvery, filters, 1, nullptr);
    if (!added.ok()) return added.status();
  }
  if (const absl::Status started = holders.Start(); !started.ok()) return started;

  std::vector<Churner> churners;
  for (size_t i = 0; i < options.clients; ++i) {
    const absl::StatusOr<Link*> link = fleet->Add(StreamCheck::Expect::kEvery);
    if (!link.ok()) return link.status();
    churners.emplace_back(*link, fleet);
  }
  if (const absl::Status connected = fleet->WaitUntilConnected(); !connected.ok()) {
    return connected;
  }
  const Totals& totals = fleet->totals();
  const auto answered = [&] { return totals.subscribed + totals.unsubscribed; };
  const uint64_t before = answered();
  uint64_t requested = 0;
  const auto load = [&] {
    // All clients have answers to wait for; who is answered is told by the sum alone.
    if (requested - (answered() - before) <= churners.size() * kUnansweredMax / 2) {
      requested = 0;
      for (Churner& churner : churners) {
        churner.Request(kUnansweredMax / 2);
        requested += churner.requested();
      }
    }
    fleet->Turn(1'000'000);
    return answered() - before;
  };
  Result result;
  Meter(options, fleet).Run("request", load, &result);
  const absl::Status done =
      fleet->TurnUntil("answers", [&] { return answered() - before == requested; });
  result.faults = fleet->faults();
  if (!done.ok()) result.invalid = std::string(base::Message(done));
  if (result.faults.any()) result.invalid = "answers were not understood";
  if (totals.closed > 0) result.invalid = "the broker closed connections";
  return result;
}

}  // namespace esockets::load
