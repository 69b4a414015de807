#include "clients/cpp/resumption.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/topic.h"
#include "clients/cpp/presence.h"

namespace esockets::client {
namespace {

struct Candidate {
  Resumption resumption;
  const FilterEntry* entry;
  Candidate* reads_for_it = nullptr;  // null: itself
  uint64_t position = 0;              // behind which all have everything that it reads for
};

// Of two that cover each other one is above.
bool IsAbove(const Candidate& a, const Candidate& b) {
  const std::string& upper = a.resumption.name.filter;
  const std::string& lower = b.resumption.name.filter;
  const auto& above = a.entry->stream();
  const auto& below = b.entry->stream();
  if (!above || !below || upper == lower) return false;
  if (a.entry->conflates() || b.entry->conflates()) return false;
  if (above->name != below->name || above->epoch != below->epoch) return false;
  return base::FilterCovers(upper, lower) && !(base::FilterCovers(lower, upper) && lower < upper);
}

// A filter without wildcards covers none but itself.
Candidate* WidestAbove(const std::vector<Candidate*>& wildcards, const Candidate& candidate) {
  Candidate* widest = nullptr;
  for (Candidate* other : wildcards) {
    if (IsAbove(*other, widest == nullptr ? candidate : *widest)) widest = other;
  }
  return widest;
}

std::vector<Candidate> CandidatesOf(const Dispatcher& dispatcher) {
  std::vector<Candidate> candidates;
  for (SubscriptionName& name : dispatcher.Names()) {
    const FilterEntry* entry = dispatcher.Find(name);
    candidates.push_back(
        {.resumption = {.name = std::move(name)}, .entry = entry, .position = entry->position()});
  }
  std::vector<Candidate*> wildcards;
  for (Candidate& candidate : candidates) {
    if (candidate.entry->stream() && !base::IsLiteral(candidate.resumption.name.filter)) {
      wildcards.push_back(&candidate);
    }
  }
  for (Candidate& candidate : candidates) {
    candidate.reads_for_it = WidestAbove(wildcards, candidate);
    candidate.resumption.rides = candidate.reads_for_it != nullptr;
  }
  return candidates;
}

// To those that read: for whom, and from where on.
void AddRiders(std::vector<Candidate>* candidates) {
  for (const Candidate& rider : *candidates) {
    Candidate* const reader = rider.reads_for_it;
    if (reader == nullptr) continue;
    reader->resumption.riders.push_back(rider.resumption.name);
    // What is live has all that the reader has; its own last message may be old.
    if (!rider.entry->is_live()) reader->position = std::min(reader->position, rider.position);
  }
}

Start StartOf(const Candidate& reader) {
  const auto& stream = reader.entry->stream();
  if (!stream) return reader.entry->options.start;
  if (reader.entry->conflates()) return Start::LastOfEachTopic(1);
  return Start::AfterPosition(reader.position, stream->epoch);
}

}  // namespace

std::vector<Resumption> PlanResumptions(const Dispatcher& dispatcher) {
  std::vector<Candidate> candidates = CandidatesOf(dispatcher);
  AddRiders(&candidates);
  for (Candidate& candidate : candidates) {
    if (!candidate.resumption.rides) candidate.resumption.start = StartOf(candidate);
  }
  std::vector<Resumption> plan;
  for (const bool rides : {true, false}) {
    for (Candidate& candidate : candidates) {
      if (candidate.resumption.rides == rides) plan.push_back(std::move(candidate.resumption));
    }
  }
  // Who may see who is on a topic only while it is there itself is there again first.
  std::stable_partition(plan.begin(), plan.end(), [](const Resumption& resumption) {
    return !resumption.name.filter.starts_with(kPresencePrefix);
  });
  return plan;
}

}  // namespace esockets::client
