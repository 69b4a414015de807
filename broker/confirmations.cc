#include "broker/confirmations.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "broker/limits.h"

namespace esockets::broker {
namespace {

constexpr base::Duration kNextTurn{1};

}  // namespace

bool Confirmations::HasRoom(uint64_t session) const {
  const auto found = of_session_.find(session);
  return found == of_session_.end() || found->second < kConfirmationsMax;
}

ConfirmAsk Confirmations::Ask(uint64_t session, uint64_t request_id, base::Duration time) {
  const uint64_t number = ++last_number_;
  waiting_.emplace(number, Waiting{.session = session,
                                   .request_id = request_id,
                                   .expected = {},
                                   .delivery = {},
                                   .stored = {}});
  ++of_session_[session];
  return {.number = number, .loop = siblings_.self(), .time = std::min(time, kConfirmTimeMax)};
}

Confirmations::Answer Confirmations::Expect(uint64_t number, uint32_t loops, const Stored& stored) {
  const auto waiting = waiting_.find(number);
  ESOCKETS_CHECK(waiting != waiting_.end());
  waiting->second.expected = loops;
  waiting->second.stored = stored;
  return TakeIfComplete(waiting);
}

void Confirmations::Forget(uint64_t number) { Erase(waiting_.find(number)); }

Confirmations::Answer Confirmations::OnDelivery(const DeliveryParcel& parcel) {
  const auto waiting = waiting_.find(parcel.number);
  if (waiting == waiting_.end()) return {};  // forgotten
  waiting->second.delivery += parcel.delivery;
  ++waiting->second.answers;
  return TakeIfComplete(waiting);
}

Confirmations::Answer Confirmations::TakeIfComplete(WaitingByNumber::iterator waiting) {
  const Waiting& one = waiting->second;
  if (one.expected != one.answers) return {};
  const Answer answer{.session = one.session,
                      .request_id = one.request_id,
                      .delivery = one.delivery,
                      .stored = one.stored};
  Erase(waiting);
  return answer;
}

void Confirmations::Erase(WaitingByNumber::iterator waiting) {
  const auto count = of_session_.find(waiting->second.session);
  if (--count->second == 0) of_session_.erase(count);
  waiting_.erase(waiting);
}

base::RefPtr<DeliveryReceipt> Confirmations::Open(const ConfirmAsk& ask, size_t matched) {
  auto receipt = base::MakeRefCounted<DeliveryReceipt>(matched);
  // What would be too much to remember is told at the first look, as far as it is known then.
  const bool is_too_much = opened_clients_ + matched > kReceiptClientsMax;
  const base::Duration time = is_too_much ? base::Duration::zero() : ask.time;
  opened_.push_back({.ask = ask, .deadline = executor_.TurnTime() + time, .receipt = receipt});
  opened_clients_ += matched;
  // Most are settled when this turn has flushed.
  pause_ = base::Duration::zero();
  executor_.Cancel(timer_);
  LookIn(kNextTurn);
  return receipt;
}

void Confirmations::LookIn(base::Duration pause) {
  timer_ = executor_.RunAt(executor_.TurnTime() + pause, [this] {
    executor_.AssertOnLoop();
    timer_ = base::TimerId();
    LookAtAll();
  });
}

// A few looks in each turn. Who takes long is looked at ever more rarely.
void Confirmations::LookAtAll() {
  const base::TimePoint now = executor_.TurnTime();
  size_t looks = kReceiptLooksPerTurn;
  for (auto next = opened_.begin(); next != opened_.end();) {
    const Opened& one = *next;
    one.receipt->Look(find_sink_, &looks);
    if (!one.receipt->is_settled() && now < one.deadline) {
      ++next;
      continue;
    }
    const Delivery delivery = one.receipt->delivery();
    opened_clients_ -= delivery.matched;
    const ConfirmAsk ask = one.ask;
    next = opened_.erase(next);
    siblings_.Post(ask.loop, DeliveryParcel{.number = ask.number, .delivery = delivery});
  }
  if (opened_.empty()) return;
  // Whose turn did not come this time goes first the next time.
  if (looks == 0) opened_.splice(opened_.end(), opened_, opened_.begin());
  pause_ = std::clamp(2 * pause_, kReceiptPauseMin, kReceiptPauseMax);
  LookIn(looks == 0 ? kNextTurn : pause_);
}

}  // namespace esockets::broker
