#include "tests/soak/promises.h"

#include <algorithm>
#include <cstdio>

#include "base/strings.h"

namespace esockets::soak {
namespace {

// Of one promise: the first ones tell the story.
constexpr uint64_t kToldMax = 20;

std::string Padded(std::string text, size_t width) {
  text.resize(std::max(width, text.size()), ' ');
  return text;
}

}  // namespace

std::string_view Describe(Promise promise) {
  switch (promise) {
    case Promise::kOrder:
      return "in the publisher's order, none twice";
    case Promise::kAccounted:
      return "what came and what Gaps tell is all that was published";
    case Promise::kStream:
      return "a stream's reader misses nothing";
    case Promise::kPublished:
      return "each Publish is answered once";
    case Promise::kLastValue:
      return "last values are the newest";
    case Promise::kGroup:
      return "a group's message comes to one member, once";
    case Promise::kKeyedOrder:
      return "a key's messages come to a member in order";
    case Promise::kReply:
      return "each request is replied to once";
    case Promise::kPresence:
      return "who is present is told to be";
    case Promise::kHidden:
      return "what a rule denies is never received";
    case Promise::kStays:
      return "nobody well-behaved is closed or refused";
    case Promise::kCredentials:
      return "wrong credentials never come in";
    case Promise::kRevoked:
      return "what was revoked does not count any more";
    case Promise::kGauges:
      return "gauges are back at the start's";
    case Promise::kDescriptors:
      return "descriptors are back at the start's";
    case Promise::kMemory:
      return "memory is back at the start's";
    case Promise::kEnding:
      return "the broker ends in good order, and has nothing to complain of";
  }
  return "";
}

void Promises::Broken(Promise promise, std::string_view what) {
  Count& count = Of(promise);
  ++count.checked;
  if (++count.broken > kToldMax) return;
  const std::string line = base::StrCat("\nBROKEN (seed ", seed_, "): ", Describe(promise), ": ",
                                        what, count.broken == kToldMax ? "; and more" : "", "\n");
  std::fputs(line.c_str(), stderr);
}

uint64_t Promises::checked() const {
  uint64_t sum = 0;
  for (const Count& count : counts_) sum += count.checked;
  return sum;
}

uint64_t Promises::broken() const {
  uint64_t sum = 0;
  for (const Count& count : counts_) sum += count.broken;
  return sum;
}

size_t Promises::failed() const {
  return static_cast<size_t>(
      std::ranges::count_if(counts_, [](const Count& count) { return !count.is_kept(); }));
}

std::string Promises::Report() const {
  std::string text = Padded("PROMISE", 64) + Padded("CHECKED", 12) + "BROKEN\n";
  for (size_t i = 0; i < kPromises; ++i) {
    const Count& count = counts_[i];
    text += Padded(std::string(Describe(static_cast<Promise>(i))), 64);
    text += Padded(base::StrCat(count.checked), 12);
    base::StrAppend(&text, count.broken);
    if (count.checked == 0) {
      base::StrAppend(
          &text, count.skipped.empty() ? "  never looked at" : "  not looked at: ", count.skipped);
    }
    text += "\n";
  }
  base::StrAppend(&text, kPromises - failed(), " passed, ", failed(), " failed\n");
  return text;
}

}  // namespace esockets::soak
