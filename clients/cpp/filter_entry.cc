#include "clients/cpp/filter_entry.h"

#include <algorithm>
#include <utility>

namespace esockets::client {

void FilterEntry::Add(const SubscribeOptions& newest, Subscribed subscribed) {
  const Start before = options.start;
  options = newest;
  if (stream_ && newest.overflow != Overflow::kDefault) stream_->overflow = newest.overflow;
  // Who asks for nothing older takes what the others get.
  if (newest.start.is_now()) options.start = before;
  subscribed.position = subscribed.passed = Furthest();
  subscribed.begun = newest.start.is_now();
  subscribers.push_back(std::move(subscribed));
}

size_t FilterEntry::Hand(const MessageView& message) {
  size_t count = 0;
  for (Subscribed& subscribed : subscribers) {
    if (!Takes(subscribed, message.position)) continue;
    subscribed.position = std::max(subscribed.position, message.position);
    if (!shared_) subscribed.passed = subscribed.position;
    subscribed.subscriber->OnMessage(message);
    ++count;
  }
  return count;
}

bool FilterEntry::Takes(const Subscribed& subscribed, uint64_t position) const {
  if (position == 0) return true;
  // Without a stream of its own, positions of several streams come.
  return subscribed.begun && (!stream_ || conflates() || position > subscribed.passed);
}

void FilterEntry::Begin(uint64_t subscriber_id, const std::optional<StreamStart>& told) {
  options.start = Start::Now();
  const auto found = std::ranges::find(subscribers, subscriber_id, &Subscribed::id);
  if (found == subscribers.end()) return;
  if (told) {
    is_live_ = found->begun && options.overflow != Overflow::kReplay;
    stream_ = told;
    found->position = found->begun ? std::max(found->position, told->position) : told->position;
    found->passed = found->position;
  }
  found->begun = true;
}

void FilterEntry::BeginAgain(const std::optional<StreamStart>& told) {
  options.start = Start::Now();
  const bool same_epoch = told && stream_ && stream_->epoch == told->epoch;
  for (Subscribed& subscribed : subscribers) {
    // What was handed meanwhile counts, if nothing older was asked for.
    const bool goes_on = same_epoch || (!stream_ && subscribed.begun);
    const uint64_t begin = told ? told->position : 0;
    subscribed.position = goes_on ? std::max(subscribed.position, begin) : begin;
    subscribed.passed = subscribed.position;
    subscribed.begun = true;
  }
  stream_ = told;
}

void FilterEntry::Ask(bool rides) {
  is_live_ =
      (rides || (!stream_ && options.start.is_now())) && options.overflow != Overflow::kReplay;
  shared_ = false;
  for (Subscribed& subscribed : subscribers) {
    if (!stream_) subscribed.position = subscribed.passed = 0;
    subscribed.begun = !stream_ && options.start.is_now();
  }
}

void FilterEntry::Share() {
  if (stream_) shared_ = true;
}

uint64_t FilterEntry::position() const {
  if (subscribers.empty()) return 0;
  return std::ranges::min_element(subscribers, {}, &Subscribed::position)->position;
}

uint64_t FilterEntry::Furthest() const {
  if (subscribers.empty()) return 0;
  return std::ranges::max_element(subscribers, {}, &Subscribed::position)->position;
}

}  // namespace esockets::client
