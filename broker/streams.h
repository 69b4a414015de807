// A loop's part in the streams: it sends what is published to the loop that keeps the stream, and
// keeps those whose home it is. Thread: the loop.
//
// A message of a stream goes from its publisher's loop to the stream's home, gets its position
// there, and goes from there to everybody, whatever loop they are on: so all see one order.
#ifndef BROKER_STREAMS_H_
#define BROKER_STREAMS_H_

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/executor.h"
#include "base/on_loop.h"
#include "broker/broker_totals.h"
#include "broker/client_classes.h"
#include "broker/home_answers.h"
#include "broker/messages.h"
#include "broker/metrics.h"
#include "broker/parcel.h"
#include "broker/router.h"
#include "broker/siblings.h"
#include "broker/stream_home.h"
#include "broker/stream_rules.h"

namespace esockets::broker {

class Streams final : public HomeRoutes {
 public:
  // REQUIRES: all outlive this.
  Streams(base::Executor* executor, Siblings* siblings, Router* router, HomeAnswers* answers,
          Metrics* metrics, BrokerTotals* totals, std::vector<StreamRule> rules, Stamps stamps);
  Streams(const Streams&) = delete;
  Streams& operator=(const Streams&) = delete;

  const StreamRules& rules() const { return rules_; }
  uint32_t HomeOf(uint32_t stream) const { return homes_[stream].loop; }

  // What each of them keeps of each class from now on.
  void SetClasses(const ClientClasses& classes) ESOCKETS_ON_LOOP;

  // --- publishing

  // What keeps messages on this topic; null: nothing.
  const StreamRule* RuleOf(std::string_view topic) ESOCKETS_ON_LOOP {
    const std::optional<uint32_t> stream = StreamOf(topic);
    return stream ? &rules_[*stream] : nullptr;
  }
  // As Router::Publish, by way of the stream, if the topic is one's.
  Router::Routed Publish(const Messages& messages) ESOCKETS_ON_LOOP;
  void OnMessages(uint32_t from, const Messages& messages) override ESOCKETS_ON_LOOP;

  // --- reading

  // Each is answered in a later turn, in this order.
  void OnOpen(uint32_t from, const StreamOpenParcel& parcel) ESOCKETS_ON_LOOP;
  void OnRead(uint32_t from, const StreamReadParcel& parcel) ESOCKETS_ON_LOOP;

  // --- views

  // Null: another loop is its home.
  const StreamHome* Find(uint32_t stream) const { return homes_[stream].stream.get(); }
  // Lets the metrics say what the streams keep now, and not a second ago.
  void NoteFigures() ESOCKETS_ON_LOOP;
  // Those whose home this loop is.
  template <typename Visitor>
  void ForEachHome(Visitor visit) const {
    for (const Home& home : homes_) {
      if (home.stream != nullptr) visit(*home.stream);
    }
  }

 private:
  struct Home {
    uint32_t loop;
    std::unique_ptr<StreamHome> stream;  // null: another loop's
  };
  struct Asked {
    uint32_t from;  // loop
    std::variant<StreamOpenParcel, StreamReadParcel> what;
  };

  std::optional<uint32_t> StreamOf(std::string_view topic) ESOCKETS_ON_LOOP;
  // `from`: loop of the publisher.
  Router::Routed Store(uint32_t from, uint32_t stream, const Messages& messages) ESOCKETS_ON_LOOP;
  uint64_t Append(StreamHome* home, const Messages& messages,
                  Router::Routed* routed) ESOCKETS_ON_LOOP;

  void Serve() ESOCKETS_ON_LOOP;
  void ServeSome() ESOCKETS_ON_LOOP;
  // Returns how many messages it has looked at, or about as much.
  uint32_t ServeOne(const Asked& asked) ESOCKETS_ON_LOOP;
  void RetainLater() ESOCKETS_ON_LOOP;
  void NoteFiguresLater() ESOCKETS_ON_LOOP;

  base::Executor& executor_;
  Siblings& siblings_;
  Router& router_;
  HomeAnswers& answers_;
  Metrics& metrics_;
  BrokerTotals& totals_;
  const StreamRules rules_;
  std::vector<Home> homes_;  // by stream

  // The last topic that was looked for: the next message is most often on the same one.
  std::string found_topic_;
  std::optional<uint32_t> found_;

  std::deque<Asked> asked_;
  bool serving_ = false;
  std::optional<base::Duration> retain_pause_;  // nothing: no message is ever too old
  bool retaining_ = false;
  bool noting_ = false;
};

}  // namespace esockets::broker

#endif  // BROKER_STREAMS_H_
