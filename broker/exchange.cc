#include "broker/exchange.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "broker/limits.h"

namespace esockets::broker {

namespace {

// For the next batch, if the last one was so large: a busy loop's batches are all about full, and a
// string that grows is a string that is copied.
MessageBatch::Size RoomFor(MessageBatch::Size last) {
  if (last.bytes < kBatchBytesMax / 4) return last;
  return {.bytes = kBatchBytesMax, .messages = 2 * last.messages, .entries = 2 * last.entries};
}

}  // namespace

Exchange::Exchange(base::Executor* executor, Siblings* siblings, Metrics* metrics,
                   uint64_t bytes_max)
    : executor_(*executor),
      siblings_(*siblings),
      metrics_(*metrics),
      bytes_max_(bytes_max),
      lanes_(siblings->count()) {}

void Exchange::Forward(const Messages& messages, uint64_t loops) {
  // The others need not wait for the end of a long turn; and a batch keeps the room it began with.
  const size_t more_bytes = messages.frames.view().size();
  if (batch_ != nullptr && batch_->size().bytes + more_bytes > kBatchBytesMax) Flush();
  if (batch_ == nullptr) BeginBatch();
  const size_t bytes = batch_->Append(messages, loops);
  batch_loops_ |= loops;
  for (const uint32_t loop : LoopsIn(loops)) {
    lanes_[loop].bytes += bytes;
    if (messages.stamped) lanes_[loop].stored_bytes += bytes;
  }
  metrics_.forwarded_messages_total.Add(messages.count());
  if (batch_->size().bytes >= kBatchBytesMax) Flush();
}

void Exchange::BeginBatch() {
  batch_ = std::make_shared<MessageBatch>();
  batch_->Reserve(room_);
  executor_.AtTurnEnd([this] {
    executor_.AssertOnLoop();
    Flush();
  });
}

void Exchange::Flush() {
  if (batch_ == nullptr) return;
  const std::shared_ptr<const MessageBatch> batch = std::exchange(batch_, nullptr);
  room_ = RoomFor(batch->size());
  const uint64_t loops = std::exchange(batch_loops_, 0);
  for (const uint32_t loop : LoopsIn(loops)) siblings_.Post(loop, BatchParcel{batch});
}

bool Exchange::WaitForCredit(uint64_t loops, uint64_t session) {
  for (const uint32_t loop : LoopsIn(loops)) {
    if (lanes_[loop].bytes < bytes_max_) continue;
    lanes_[loop].waiting.push_back(session);
    metrics_.exchange_pauses_total.Add();
    return true;
  }
  return false;
}

std::vector<uint64_t> Exchange::OnCredit(uint32_t from, const CreditParcel& credit) {
  Lane& lane = lanes_[from];
  ESOCKETS_CHECK(credit.bytes <= lane.bytes && credit.stored_bytes <= lane.stored_bytes);
  const bool was_behind = IsBehind(lane);
  lane.bytes -= credit.bytes;
  lane.stored_bytes -= credit.stored_bytes;
  if (was_behind &&
      std::ranges::none_of(lanes_, [this](const Lane& one) { return IsBehind(one); })) {
    ReleaseHeld();
  }
  if (lane.bytes > bytes_max_ / 2) return {};
  return std::exchange(lane.waiting, {});
}

void Exchange::OnRouted(uint32_t from, const Routed& routed) {
  const bool hold = routed.to_home_bytes > 0 &&
                    std::ranges::any_of(lanes_, [this](const Lane& one) { return IsBehind(one); });
  if (hold) lanes_[from].held_bytes += routed.to_home_bytes;
  Owe(from, {.bytes = routed.bytes - (hold ? routed.to_home_bytes : 0),
             .stored_bytes = routed.stored_bytes});
}

// Said in quarters, so that a little traffic costs no parcel back. All that is routed but not said
// is less than half: whoever waits will hear of it.
void Exchange::Owe(uint32_t to, const CreditParcel& credit) {
  CreditParcel& owed = lanes_[to].owed;
  owed.bytes += credit.bytes;
  owed.stored_bytes += credit.stored_bytes;
  if (owed.bytes < bytes_max_ / 4) return;
  siblings_.Post(to, std::exchange(owed, {}));
}

void Exchange::ReleaseHeld() {
  for (uint32_t loop = 0; loop < lanes_.size(); ++loop) {
    const uint64_t bytes = std::exchange(lanes_[loop].held_bytes, 0);
    if (bytes > 0) Owe(loop, {.bytes = bytes, .stored_bytes = 0});
  }
}

}  // namespace esockets::broker
