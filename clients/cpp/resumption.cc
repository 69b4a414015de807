#include "clients/cpp/resumption.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>

#include "base/topic.h"
#include "clients/cpp/presence.h"

namespace esockets::client {
namespace {

struct Candidate {
  Resumption resumption;
  const FilterEntry* entry;
  const Candidate* reads_for_it = nullptr;  // null: itself
};

// Of two that cover each other one is above.
bool IsAbove(const Candidate& a, const Candidate& b) {
  const std::string& upper = a.resumption.filter;
  const std::string& lower = b.resumption.filter;
  const auto& above = a.entry->stream();
  const auto& below = b.entry->stream();
  if (!above || !below || upper == lower) return false;
  if (a.entry->conflates() || b.entry->conflates()) return false;
  if (above->name != below->name || above->epoch != below->epoch) return false;
  return base::FilterCovers(upper, lower) && !(base::FilterCovers(lower, upper) && lower < upper);
}

// A filter without wildcards covers none but itself.
const Candidate* WidestAbove(const std::vector<const Candidate*>& wildcards,
                             const Candidate& candidate) {
  const Candidate* widest = &candidate;
  for (const Candidate* other : wildcards) {
    if (IsAbove(*other, *widest)) widest = other;
  }
  return widest == &candidate ? nullptr : widest;
}

std::vector<Candidate> CandidatesOf(const Dispatcher& dispatcher) {
  std::vector<Candidate> candidates;
  for (std::string& filter : dispatcher.Filters()) {
    const FilterEntry* entry = dispatcher.Find(filter);
    candidates.push_back({{.filter = std::move(filter)}, entry});
  }
  std::vector<const Candidate*> wildcards;
  for (const Candidate& candidate : candidates) {
    if (candidate.entry->stream() && !base::IsLiteral(candidate.resumption.filter)) {
      wildcards.push_back(&candidate);
    }
  }
  for (Candidate& candidate : candidates) {
    candidate.reads_for_it = WidestAbove(wildcards, candidate);
    candidate.resumption.rides = candidate.reads_for_it != nullptr;
  }
  return candidates;
}

}  // namespace

std::vector<Resumption> PlanResumptions(const Dispatcher& dispatcher) {
  std::vector<Candidate> candidates = CandidatesOf(dispatcher);
  for (Candidate& reader : candidates) {
    Resumption& resumption = reader.resumption;
    const auto& stream = reader.entry->stream();
    if (resumption.rides) continue;
    resumption.start = reader.entry->options.start;
    if (!stream) continue;
    if (reader.entry->conflates()) {
      resumption.start = Start::LastOfEachTopic(1);
      continue;
    }
    uint64_t position = reader.entry->position();
    for (const Candidate& rider : candidates) {
      if (rider.reads_for_it != &reader) continue;
      resumption.riders.push_back(rider.resumption.filter);
      // What is live has all that the reader has; its own last message may be old.
      if (!rider.entry->is_live()) position = std::min(position, rider.entry->position());
    }
    resumption.start = Start::AfterPosition(position, stream->epoch);
  }
  std::vector<Resumption> plan;
  for (const bool rides : {true, false}) {
    for (Candidate& candidate : candidates) {
      if (candidate.resumption.rides == rides) plan.push_back(std::move(candidate.resumption));
    }
  }
  // Who may see who is on a topic only while it is there itself is there again first.
  std::stable_partition(plan.begin(), plan.end(), [](const Resumption& resumption) {
    return !resumption.filter.starts_with(kPresencePrefix);
  });
  return plan;
}

}  // namespace esockets::client
