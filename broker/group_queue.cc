#include "broker/group_queue.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace esockets::broker {
namespace {

bool IsOlder(const GroupMessage& one, const GroupMessage& other) {
  return one.number < other.number;
}

// `hole` stands in front of what `*gap` tells.
template <typename GapPointer>
void AddInFront(std::unique_ptr<Gap> hole, GapPointer* gap) {
  if (hole == nullptr) return;
  if (*gap != nullptr) hole->Add(**gap);
  *gap = std::move(hole);
}

}  // namespace

void GroupQueue::Append(GroupMessage message) {
  AddInFront(std::move(hole_), &message.gap);
  waiting_.CountIn(message);
  messages_.push_back(std::move(message));
}

void GroupQueue::PutBack(std::vector<GroupMessage> messages) {
  if (messages.empty()) return;
  for (const GroupMessage& message : messages) waiting_.CountIn(message);
  // As a rule all of them were taken before the oldest that waits came.
  const bool all_older = messages_.empty() || IsOlder(messages.back(), messages_.front());
  const auto middle = messages_.insert(messages_.begin(), std::move_iterator(messages.begin()),
                                       std::move_iterator(messages.end())) +
                      static_cast<std::ptrdiff_t>(messages.size());
  if (!all_older) std::inplace_merge(messages_.begin(), middle, messages_.end(), IsOlder);
}

GroupMessage GroupQueue::Take() {
  GroupMessage taken = std::move(messages_.front());
  messages_.pop_front();
  waiting_.CountOut(taken);
  return taken;
}

std::vector<GroupMessage> GroupQueue::TakeAll() {
  for (const GroupMessage& message : messages_) waiting_.CountOut(message);
  std::vector<GroupMessage> taken(std::move_iterator(messages_.begin()),
                                  std::move_iterator(messages_.end()));
  messages_.clear();
  return taken;
}

void GroupQueue::Drop(GapReason reason) {
  const GroupMessage dropped = Take();
  auto hole = std::make_unique<Gap>();
  if (dropped.gap != nullptr) *hole = *dropped.gap;
  if (!dropped.is_gap()) hole->Add(dropped.frame.size, dropped.time, reason);
  if (dropped.receipt != nullptr) dropped.receipt->OnLost(reason);
  if (messages_.empty()) {
    AddInFront(std::move(hole), &hole_);
  } else {
    AddInFront(std::move(hole), &messages_.front().gap);
  }
}

void GroupQueue::AddHole(const Gap& gap) {
  if (hole_ == nullptr) hole_ = std::make_unique<Gap>();
  hole_->Add(gap);
}

}  // namespace esockets::broker
