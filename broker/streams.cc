#include "broker/streams.h"

#include <algorithm>
#include <bit>

#include "broker/limits.h"
#include "broker/memory_store.h"

namespace esockets::broker {

Streams::Streams(base::Executor* executor, Siblings* siblings, Router* router, HomeAnswers* answers,
                 Metrics* metrics, BrokerTotals* totals, std::vector<StreamRule> rules,
                 Stamps stamps)
    : executor_(*executor),
      siblings_(*siblings),
      router_(*router),
      answers_(*answers),
      metrics_(*metrics),
      totals_(*totals),
      rules_(std::move(rules)) {
  totals->stream_heads.Resize(rules_.size());
  for (uint32_t i = 0; i < rules_.size(); ++i) {
    const StreamRule& rule = rules_[i];
    metrics->streams.emplace_back(rule.name);
    Home& home = homes_.emplace_back(siblings->HomeOf(rule.name), nullptr);
    if (home.loop != siblings->self()) continue;
    if (rule.limits.age_max != base::Duration::zero()) {
      const base::Duration pause =
          std::clamp(rule.limits.age_max / 8, kRetainPauseMin, kRetainPauseMax);
      retain_pause_ = std::min(retain_pause_.value_or(pause), pause);
    }
    home.stream = std::make_unique<StreamHome>(
        &rule, std::make_unique<MemoryStore>(rule.limits, stamps, &executor->clock()),
        &executor->clock());
    if (rule.last_values) continue;
    totals->stream_heads.Begin(
        i, {.epoch = home.stream->epoch(), .position = home.stream->store().last()});
  }
  router->set_home_routes(this);
}

void Streams::SetClasses(const ClientClasses& classes) {
  for (const Home& home : homes_) {
    if (home.stream != nullptr) home.stream->SetClasses(classes);
  }
  NoteFigures();
}

// What is too old goes although nothing is published.
void Streams::RetainLater() {
  if (!retain_pause_ || std::exchange(retaining_, true)) return;
  executor_.RunAt(executor_.TurnTime() + *retain_pause_, [this] {
    executor_.AssertOnLoop();
    retaining_ = false;
    bool all_empty = true;
    for (const Home& home : homes_) {
      if (home.stream == nullptr) continue;
      MessageStore& store = home.stream->store();
      store.Retain();
      all_empty &= store.gone_to() == store.last();
    }
    NoteFiguresLater();
    if (!all_empty) RetainLater();
  });
}

void Streams::NoteFigures() {
  for (uint32_t i = 0; i < homes_.size(); ++i) {
    if (homes_[i].stream == nullptr) continue;
    const StoreFigures figures = homes_[i].stream->store().figures();
    StreamMetrics& metrics = metrics_.streams[i];
    metrics.messages.Set(figures.messages);
    metrics.bytes.Set(figures.bytes);
    metrics.memory_bytes.Set(figures.memory_bytes);
    metrics.last_position.Set(figures.last);
    metrics.retired_messages_total.Set(figures.last - figures.messages);
  }
}

// Others read the metrics at any time, and what a store counts only its loop may ask: not for each
// message, for it looks at all chunks.
void Streams::NoteFiguresLater() {
  if (std::exchange(noting_, true)) return;
  executor_.RunAt(executor_.TurnTime() + kStreamFiguresPause, [this] {
    executor_.AssertOnLoop();
    noting_ = false;
    NoteFigures();
  });
}

// --- publishing ---------------------------------------------------------------------------------

std::optional<uint32_t> Streams::StreamOf(std::string_view topic) {
  if (rules_.empty()) return std::nullopt;
  if (found_topic_ != topic) {
    found_topic_.assign(topic);
    found_ = rules_.OfTopic(topic);
  }
  return found_;
}

Router::Routed Streams::Publish(const Messages& messages) {
  const std::optional<uint32_t> stream = StreamOf(messages.topic);
  if (!stream) return router_.Publish(messages);
  router_.SkipAhead();
  const uint32_t home = homes_[*stream].loop;
  if (home == siblings_.self()) return Store(home, *stream, messages);
  router_.exchange().ForwardHome(messages, home);
  return {0, uint64_t{1} << home};
}

void Streams::OnMessages(uint32_t from, const Messages& messages) {
  Messages arrived = messages;
  arrived.to_home = false;
  if (const auto stream = StreamOf(messages.topic)) Store(from, *stream, arrived);
}

Router::Routed Streams::Store(uint32_t from, uint32_t stream, const Messages& messages) {
  StreamHome& home = *homes_[stream].stream;
  if (totals_.IsShortOfMemory(MemoryLevel::kKeepNothing) && home.Adds(messages)) {
    answers_.Refuse(from, messages, ErrorCode::kBrokerBusy, "nothing more is kept");
    return {0, 0};
  }
  if (auto why_not = home.WhyNot(messages)) {
    answers_.Refuse(from, messages, ErrorCode::kTooManyLastValues, *std::move(why_not));
    return {0, 0};
  }
  const bool has_id = messages.store != nullptr && !messages.store->message_id.empty();
  if (has_id) {
    if (const auto repeated = home.FindRepeated(messages)) {
      if (repeated->position == 0) {
        answers_.Refuse(from, messages, ErrorCode::kMessageIdUsed, "");
      } else {
        metrics_.repeated_messages_total.Add();
        answers_.Accept(messages, *repeated, 0);
      }
      return {0, 0};
    }
  }
  Router::Routed routed{0, 0};
  const uint64_t position = Append(&home, messages, &routed);
  totals_.stream_heads.Set(stream, home.store().last());
  if (has_id) home.NoteId(messages, position);
  if (messages.store == nullptr) return routed;
  answers_.Accept(messages, {.epoch = home.epoch(), .position = position},
                  1 + static_cast<uint32_t>(std::popcount(routed.loops)));
  return routed;
}

uint64_t Streams::Append(StreamHome* home, const Messages& messages, Router::Routed* routed) {
  const uint64_t before = home->store().last();
  for (Messages rest = messages; !rest.frames.empty();) {
    Messages stored = home->Keep(rest);
    stored.store = nullptr;
    rest.frames.RemoveFirst(stored.count());
    metrics_.stored_messages_total.Add(stored.count());
    const Router::Routed now = router_.Publish(stored);
    routed->receivers = now.receivers;
    routed->loops |= now.loops;
    home->store().Retain();
  }
  RetainLater();
  NoteFiguresLater();
  const uint64_t position = home->store().last();
  return position == before ? 0 : position;
}

// --- reading ------------------------------------------------------------------------------------

void Streams::OnOpen(uint32_t from, const StreamOpenParcel& parcel) {
  asked_.push_back({from, parcel});
  Serve();
}

void Streams::OnRead(uint32_t from, const StreamReadParcel& parcel) {
  asked_.push_back({from, parcel});
  Serve();
}

void Streams::Serve() {
  if (std::exchange(serving_, true)) return;
  executor_.RunAt(executor_.TurnTime(), [this] {
    executor_.AssertOnLoop();
    serving_ = false;
    ServeSome();
    if (!asked_.empty()) Serve();
  });
}

// A part of those who ask: the others go on with the next turn.
void Streams::ServeSome() {
  // What was published before goes first: whoever has read up to the head hears the rest as it
  // comes.
  router_.CloseRun();
  router_.exchange().Flush();
  uint32_t looks = 0;
  for (size_t i = 0; i < kStreamReadsPerTurn && looks < kStreamLooksPerTurn; ++i) {
    if (asked_.empty()) return;
    const Asked asked = std::move(asked_.front());
    asked_.pop_front();
    looks += ServeOne(asked);
  }
}

uint32_t Streams::ServeOne(const Asked& asked) {
  if (const auto* open = std::get_if<StreamOpenParcel>(&asked.what)) {
    StreamHome& home = *homes_[open->stream].stream;
    siblings_.Post(asked.from, StreamOpenedParcel{.ticket = open->ticket,
                                                  .opened = home.Open(open->start, open->filter)});
    return kStreamLooksMax;
  }
  const auto& read = std::get<StreamReadParcel>(asked.what);
  StoredPage page =
      homes_[read.stream].stream->store().Read({.from = read.from,
                                                .filter = read.filter,
                                                .last_of_each_topic = read.last_of_each_topic,
                                                .last_of_each_until = read.last_of_each_until,
                                                .to = read.to,
                                                .bytes_max = kStreamPageBytes,
                                                .looks_max = read.looks_max,
                                                .now = executor_.TurnTime()});
  metrics_.stream_read_pages_total.Add();
  const auto looks = static_cast<uint32_t>(page.next - read.from.after);
  siblings_.Post(asked.from, StreamPageParcel{.ticket = read.ticket, .page = std::move(page)});
  return looks;
}

}  // namespace esockets::broker
