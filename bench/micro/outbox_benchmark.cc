// What a delivery costs between the router and the send queue: match, encode once, offer the run to
// every outbox. The lines to watch: the longer the run, the less a delivery costs.
//   ./dev bench //bench/micro:outbox_benchmark
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "bench/micro/per_item.h"
#include "benchmark/benchmark.h"
#include "broker/outbox.h"
#include "broker/router.h"
#include "proto/message_frame.h"
#include "server/frame_arena.h"
#include "tests/support/lone_router.h"
#include "tests/support/published.h"
#include "tests/support/silent_sink.h"

namespace esockets::broker {
namespace {

constexpr std::string_view kTopic = "telemetry/host-42/cpu";
constexpr size_t kPayloadBytes = 128;

// As gateways/native/native_wire_form, without an event loop.
class ArenaWireForm final : public WireForm {
 public:
  base::BlockSpan Encode(const Messages& messages, size_t* encoded) override ESOCKETS_ON_LOOP {
    base::BlockSpan span = arena_.WriteSome(messages.frames, encoded);
    proto::MarkAsMessages(span.block->own_data() + span.begin, messages.frames.First(*encoded));
    return span;
  }
  void BeginBatch(const std::shared_ptr<const MessageBatch>&) override ESOCKETS_ON_LOOP {}
  void EndBatch() override ESOCKETS_ON_LOOP {}
  base::BlockSpan Share(const base::FrameSequence& frames,
                        base::BytesKeeper keeper) override ESOCKETS_ON_LOOP {
    return {arena_.Share(frames, std::move(keeper)), frames.begin, frames.ends.back()};
  }
  proto::MessageLabel LabelOf(std::string_view frame) const override {
    return proto::LabelOfFrame(frame);
  }

 private:
  server::FrameArena arena_;
};

struct Client final : tests::SilentEvents {
  explicit Client(const OutboxContext* context) : outbox(&sink), subscription(&outbox) {
    sink.events = this;
    subscription.max = {.messages = context->limits->backlog_messages_max,
                        .bytes = static_cast<uint32_t>(context->limits->backlog_bytes_max)};
  }
  void SendGap(const Subscription&, const Gap& gap) override ESOCKETS_ON_LOOP {
    told_messages += gap.messages;
  }

  tests::SilentSink sink;
  Outbox outbox;
  Subscription subscription;
  uint64_t told_messages = 0;
};

// One loop with `count` subscribers of one topic.
class Loop : private tests::LoneRouter {
 public:
  Loop(size_t count, const Limits& limits) ESOCKETS_ASSERTS_ON_LOOP : LoneRouter(&form_, limits) {
    executor_.BeginTurn();
    for (size_t i = 0; i < count; ++i) {
      clients.push_back(std::make_unique<Client>(&context_));
      router_.Add(kTopic, &clients.back()->subscription);
    }
  }
  ~Loop() {
    executor_.AssertOnLoop();
    for (const auto& client : clients) {
      client->outbox.Close();
      router_.Remove(&client->subscription);
    }
    executor_.EndTurn();
  }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void PublishRun(size_t messages) ESOCKETS_ON_LOOP {
    for (size_t i = 0; i < messages; ++i) router_.Publish(message_.messages());
    router_.CloseRun();
  }
  void SetRefusing(bool refusing) {
    for (const auto& client : clients) client->sink.refusing = refusing;
  }
  uint64_t Delivered() const {
    uint64_t messages = 0;
    for (const auto& client : clients) messages += client->outbox.delivered_messages_total();
    return messages;
  }
  uint64_t Dropped() const {
    uint64_t messages = 0;
    for (const auto& client : clients) messages += client->outbox.dropped_messages_total();
    return messages;
  }

  std::vector<std::unique_ptr<Client>> clients;

 private:
  const std::string payload_ = std::string(kPayloadBytes, 'x');
  const tests::Published message_{kTopic, payload_};
  ArenaWireForm form_;
};

uint64_t Published(const benchmark::State& state, size_t messages) {
  return static_cast<uint64_t>(state.iterations()) * messages;
}

// Every client takes the run whole.
void KeepsUp(benchmark::State& state) {
  const auto messages = static_cast<size_t>(state.range(0));
  const auto clients = static_cast<size_t>(state.range(1));
  Loop loop(clients, {});
  for (auto _ : state) loop.PublishRun(messages);
  const uint64_t deliveries = Published(state, messages) * clients;
  if (loop.Delivered() != deliveries) state.SkipWithError("not what was published");
  bench::ReportPerItem(state, "delivery", deliveries);
}

// The socket refuses a run, then takes all of it: each message goes through the backlog.
void FallsBehindAndCatchesUp(benchmark::State& state) {
  const auto messages = static_cast<size_t>(state.range(0));
  const auto clients = static_cast<size_t>(state.range(1));
  Loop loop(clients, {});
  for (auto _ : state) {
    loop.SetRefusing(true);
    loop.PublishRun(messages);
    loop.SetRefusing(false);
    for (const auto& client : loop.clients) client->outbox.Drain();
  }
  const uint64_t deliveries = Published(state, messages) * clients;
  if (loop.Delivered() != deliveries) state.SkipWithError("not what was published");
  bench::ReportPerItem(state, "delivery", deliveries);
}

// The client has stopped reading and its backlog is full: each message drops the oldest.
void StaysBehind(benchmark::State& state) {
  const auto messages = static_cast<size_t>(state.range(0));
  const auto clients = static_cast<size_t>(state.range(1));
  Limits limits;
  limits.backlog_messages_max = 500;
  Loop loop(clients, limits);
  loop.SetRefusing(true);
  loop.PublishRun(limits.backlog_messages_max);
  for (auto _ : state) loop.PublishRun(messages);
  const uint64_t deliveries = Published(state, messages) * clients;
  if (loop.Dropped() != deliveries) state.SkipWithError("not what was published");
  loop.SetRefusing(false);
  uint64_t told = 0;
  for (const auto& client : loop.clients) {
    client->outbox.Drain();
    told += client->told_messages;
  }
  if (told != deliveries) state.SkipWithError("a gap is not told");
  bench::ReportPerItem(state, "message", deliveries);
}

void Fleet(benchmark::internal::Benchmark* b) {
  b->ArgNames({"run", "clients"})->ArgsProduct({{1, 16, 500}, {1, 10, 100, 1000}});
}
void Few(benchmark::internal::Benchmark* b) {
  b->ArgNames({"run", "clients"})->ArgsProduct({{1, 16, 500}, {1, 100}});
}

BENCHMARK(KeepsUp)->Apply(Fleet);
BENCHMARK(FallsBehindAndCatchesUp)->Apply(Few);
BENCHMARK(StaysBehind)->Apply(Few);

}  // namespace
}  // namespace esockets::broker
