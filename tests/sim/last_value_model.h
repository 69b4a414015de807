// What the broker promises of last values, said in a simple way. Each topic has a history: the
// values and what cleared them, in one order. Whoever subscribes gets of each topic at most one
// value that was there before, and then all that follows it, each once and in order; by SnapshotEnd
// the value that was there has come, or what took its place. Messages are named by numbers.
#ifndef TESTS_SIM_LAST_VALUE_MODEL_H_
#define TESTS_SIM_LAST_VALUE_MODEL_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "proto/esockets.pb.h"
#include "tests/support/naive_topic.h"

namespace esockets::tests {

class LastValueModel {
 public:
  // What clears a topic has no payload: its number is in the ttl.
  static constexpr uint32_t kClearTtlMillis = 100'000'000;

  const std::string& error() const { return error_; }

  struct Reader {
    std::string filter;
    bool conflates = false;
    bool repeats = false;  // it has subscribed again: what was there may come again
    bool gaps = false;     // something was lost, and told
    int subscribes_answered = 0;
    int last_values_told = 0;
    int ends = 0;
    std::map<std::string, size_t> before;                  // entries when it subscribed, by topic
    std::map<std::string, std::vector<uint64_t>> arrived;  // numbers by topic
    std::map<std::string, size_t> at_end;                  // how many of them at the first end
  };

  // Somebody hears everything from the beginning, and never falls behind.
  void OnWitness(const Message& message) {
    history_[message.topic()].push_back({NumberOf(message), message.payload().empty()});
  }

  // Subscribes for the first time.
  void OnSubscribe(Reader* reader) const {
    for (const auto& [topic, entries] : history_) reader->before[topic] = entries.size();
  }

  void OnFrame(Reader* reader, const ServerFrame& frame) {
    if (frame.has_gap()) reader->gaps |= frame.gap().messages() > frame.gap().conflated();
    if (frame.has_subscribed()) {
      ++reader->subscribes_answered;
      reader->last_values_told += frame.subscribed().last_values() ? 1 : 0;
    }
    if (frame.has_snapshot_end()) {
      if (reader->last_values_told == 0) Fail("an end of what was not begun: ", reader->filter);
      if (++reader->ends > 1) return;
      for (const auto& [topic, numbers] : reader->arrived) reader->at_end[topic] = numbers.size();
    }
    if (!frame.has_message()) return;
    const Message& message = frame.message();
    if (!NaiveFilterMatches(reader->filter, message.topic()))
      Fail("not asked for: ", message.topic());
    reader->arrived[message.topic()].push_back(NumberOf(message));
  }

  // It has got everything.
  void Check(const Reader& reader) {
    if (reader.last_values_told > 0 && reader.ends == 0) Fail("no end: ", reader.filter);
    for (const auto& [topic, entries] : history_) {
      if (NaiveFilterMatches(reader.filter, topic)) CheckTopic(reader, topic, entries);
    }
    for (const auto& [topic, numbers] : reader.arrived) {
      if (!history_.contains(topic)) Fail("nobody published to ", topic);
    }
  }

 private:
  struct Entry {
    uint64_t number;
    bool clears;
  };
  using Entries = std::vector<Entry>;

  static uint64_t NumberOf(const Message& message) {
    if (message.payload().empty()) return message.ttl_ms() - kClearTtlMillis;
    return std::stoull(message.payload());
  }

  void CheckTopic(const Reader& reader, const std::string& topic, const Entries& entries) {
    const auto found = reader.arrived.find(topic);
    const std::vector<uint64_t> none;
    const std::vector<uint64_t>& numbers = found == reader.arrived.end() ? none : found->second;
    if (!IsKept(topic)) return CheckPlain(topic, entries, numbers);
    std::optional<size_t> last;
    for (const uint64_t number : numbers) {
      const std::optional<size_t> at = IndexOf(entries, number);
      if (!at) return Fail("nobody published this: ", base::StrCat(topic, " ", number));
      const bool goes_on = !last || *at > *last || (reader.repeats && *at == *last);
      if (!goes_on) return Fail("twice, or after a newer one: ", base::StrCat(topic, " ", number));
      const bool loses = reader.gaps || reader.conflates;
      if (last && *at > *last + 1 && !loses) return Fail("one is missing on ", topic);
      last = at;
    }
    if (!reader.gaps) CheckEnd(topic, entries, last);
    CheckSnapshot(reader, topic, entries, numbers);
  }

  // Between publishers there is no order.
  void CheckPlain(const std::string& topic, const Entries& entries,
                  const std::vector<uint64_t>& numbers) {
    std::set<uint64_t> seen;
    for (const uint64_t number : numbers) {
      if (!IndexOf(entries, number)) Fail("nobody published this: ", topic);
      if (!seen.insert(number).second) Fail("twice: ", topic);
    }
  }

  // What is known at the end is what holds.
  void CheckEnd(const std::string& topic, const Entries& entries, std::optional<size_t> last) {
    if (last ? *last + 1 == entries.size() : entries.back().clears) return;
    if (!last) return Fail("never came: ", topic);
    Fail("not the last one: ", topic);
  }

  void CheckSnapshot(const Reader& reader, const std::string& topic, const Entries& entries,
                     const std::vector<uint64_t>& numbers) {
    const auto before = reader.before.find(topic);
    if (before == reader.before.end() || before->second == 0) return;
    if (reader.gaps || reader.last_values_told == 0) return;
    const size_t base = before->second - 1;
    const auto clears = [](const Entry& entry) { return entry.clears; };
    const auto from = entries.begin() + static_cast<std::ptrdiff_t>(base);
    if (std::any_of(from, entries.end(), clears)) return;
    const auto count = reader.at_end.find(topic);
    if (count == reader.at_end.end()) return Fail("not there at the end: ", topic);
    if (*IndexOf(entries, numbers[count->second - 1]) < base) Fail("too old at the end: ", topic);
  }

  static bool IsKept(std::string_view topic) { return topic.starts_with("v/"); }
  static std::optional<size_t> IndexOf(const Entries& entries, uint64_t number) {
    const auto found = std::ranges::find(entries, number, &Entry::number);
    if (found == entries.end()) return std::nullopt;
    return static_cast<size_t>(found - entries.begin());
  }
  void Fail(std::string_view what, std::string_view about) {
    if (error_.empty()) error_ = base::StrCat(what, about);
  }

  std::map<std::string, Entries> history_;
  std::string error_;
};

}  // namespace esockets::tests

#endif  // TESTS_SIM_LAST_VALUE_MODEL_H_
