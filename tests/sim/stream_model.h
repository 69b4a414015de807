// What the broker promises of streams, said in a simple way: one order for all, which keeps that of
// each publisher; a subscription gets what matches from where it begins, each once and in that
// order; what is missing is told, under REPLAY as positions that the stream has let go of. A client
// names its messages by numbers, which are their payloads.
#ifndef TESTS_SIM_STREAM_MODEL_H_
#define TESTS_SIM_STREAM_MODEL_H_

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "proto/esockets.pb.h"
#include "tests/support/naive_topic.h"

namespace esockets::tests {

class StreamModel {
 public:
  // `thins`: some go although older ones stay: of each topic only the last ones are kept, or a
  // class of clients has but a share.
  explicit StreamModel(bool thins) : thins_(thins) {}

  const std::string& error() const { return error_; }
  uint64_t last() const { return order_.size(); }

  // --- publishing

  void Publish(int publisher, uint64_t number) { publisher_of_[number] = publisher; }
  // The Published of a message says that it is there.
  void OnStored(uint64_t number, const Stored& stored) {
    stored_.emplace_back(number, stored.position());
  }
  // Somebody reads everything, from the first message on and without ever falling behind.
  void OnWitness(const Message& message) {
    const uint64_t number = Number(message);
    order_.push_back({number, message.topic()});
    if (message.position() != order_.size()) Fail("not the next position: ", message);
    const auto publisher = publisher_of_.find(number);
    if (publisher == publisher_of_.end()) return Fail("nobody published this: ", message);
    uint64_t& newest = newest_of_[publisher->second];
    if (number <= newest) Fail("twice, or not in its publisher's order: ", message);
    newest = number;
  }

  // --- reading

  struct Reader {
    std::string filter;
    bool replay = false;
    bool overlaps = false;      // another one of its client's is within it, and reads too
    uint64_t asked_behind = 0;  // of a resumption
    bool resumes = false;
    bool open = false;
    uint64_t epoch = 0;
    uint64_t begin = 0;
    uint64_t reached = 0;                         // position
    uint64_t excused = 0;                         // position: what was thinned before it began
    std::map<uint64_t, uint64_t> arrived;         // number by position
    std::vector<std::pair<uint64_t, Gap>> holes;  // behind which position
    uint64_t counted = 0;                         // in gaps that are no holes
  };

  void OnFrame(Reader* reader, const ServerFrame& frame) {
    if (frame.has_subscribed()) OnSubscribed(reader, frame.subscribed());
    if (frame.has_message()) OnMessage(reader, frame.message());
    if (!frame.has_gap()) return;
    if (frame.gap().reason() != Gap::RETENTION) {
      reader->counted += frame.gap().messages();
      if (reader->replay) Fail("a Gap under REPLAY that is no hole", "");
    } else {
      reader->holes.emplace_back(reader->overlaps ? 0 : reader->reached, frame.gap());
    }
  }

  // What it has got so far. `all`: it has caught up.
  void Check(const Reader& reader, bool all) {
    if (reader.overlaps && !all) return;
    if (!reader.open) return all ? Fail("never answered: ", reader.filter) : void();
    uint64_t missing = 0;
    const uint64_t end = all ? last() : std::min(reader.reached, last());
    for (uint64_t position = reader.begin + 1; position <= end; ++position) {
      const auto& [number, topic] = order_[position - 1];
      const auto arrived = reader.arrived.find(position);
      const bool matches = NaiveFilterMatches(reader.filter, topic);
      if (arrived != reader.arrived.end()) {
        if (!matches) Fail("not asked for: ", topic);
        if (arrived->second != number) Fail("another message at its position: ", topic);
      } else if (matches && !IsInHole(reader, position)) {
        ++missing;
        if (reader.replay && position > reader.excused) {
          Fail("missing, and no hole: ", base::StrCat(position));
        }
      }
    }
    const bool told = reader.excused > 0 ? missing >= reader.counted : missing == reader.counted;
    if (all && !reader.replay && !told) {
      Fail("missing are ", base::StrCat(missing, ", told ", reader.counted));
    }
  }

  // Every message is there once, and where its publisher was told.
  void CheckPublished() {
    if (order_.size() != publisher_of_.size()) {
      Fail("published, stored: ", base::StrCat(publisher_of_.size(), ", ", order_.size()));
    }
    for (const auto& [number, position] : stored_) {
      if (position == 0 || position > last() || order_[position - 1].first != number) {
        return Fail("not where Published says: ", base::StrCat(number, " at ", position));
      }
    }
  }

 private:
  static uint64_t Number(const Message& message) { return std::stoull(message.payload()); }

  void OnSubscribed(Reader* reader, const Subscribed& subscribed) {
    const StreamStart& stream = subscribed.stream();
    if (reader->open && reader->overlaps) return;
    if (stream.name() != "s" || reader->open) Fail("not the stream's answer", "");
    reader->open = true;
    reader->epoch = stream.epoch();
    reader->begin = reader->reached = stream.position();
    if (thins_) reader->excused = publisher_of_.size();
    if (!reader->resumes) return;
    const bool begins_there = stream.position() == reader->asked_behind;
    const bool truthful = stream.recovered() ? begins_there : !begins_there || thins_;
    if (!truthful || stream.position() < reader->asked_behind) {
      Fail("resumed elsewhere: ", base::StrCat(stream.position()));
    }
  }

  void OnMessage(Reader* reader, const Message& message) {
    if (!reader->open) Fail("before Subscribed: ", message);
    if (message.position() <= reader->reached && !reader->overlaps) {
      Fail("again, or back: ", message);
    }
    reader->reached = std::max(reader->reached, message.position());
    reader->arrived[message.position()] = Number(message);
  }

  static bool IsInHole(const Reader& reader, uint64_t position) {
    return std::ranges::any_of(reader.holes, [&](const auto& hole) {
      const auto& [behind, gap] = hole;
      return position > behind && gap.from_position() <= position && position <= gap.to_position();
    });
  }

  void Fail(std::string_view what, const Message& message) {
    Fail(what, message.ShortDebugString());
  }
  void Fail(std::string_view what, std::string_view detail) {
    if (error_.empty()) error_ = base::StrCat(what, detail);
  }

  const bool thins_;
  std::vector<std::pair<uint64_t, std::string>> order_;  // number and topic by position
  std::map<uint64_t, int> publisher_of_;
  std::map<int, uint64_t> newest_of_;
  std::vector<std::pair<uint64_t, uint64_t>> stored_;
  std::string error_;
};

}  // namespace esockets::tests

#endif  // TESTS_SIM_STREAM_MODEL_H_
