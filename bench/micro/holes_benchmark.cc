// What it costs that a rule may deny some of what a filter matches, for each delivery: nothing
// where there is no such hole, and how much where there is one. Topics change with each message, so
// that each is matched anew.
//   ./dev bench //bench/micro:holes_benchmark
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "bench/micro/per_item.h"
#include "benchmark/benchmark.h"
#include "broker/auth/identity.h"
#include "broker/outbox.h"
#include "broker/permissions/permission_memo.h"
#include "broker/permissions/permission_rule.h"
#include "broker/permissions/permission_set.h"
#include "broker/router.h"
#include "tests/support/lone_router.h"
#include "tests/support/published.h"
#include "tests/support/silent_sink.h"
#include "tests/support/sim_wire_form.h"

namespace esockets::broker {
namespace {

constexpr size_t kClients = 1000;
constexpr size_t kTopics = 64;  // as many as the memo of a loop holds with ease

// Everything is allowed, and so many filters of others are denied.
std::unique_ptr<PermissionSet> SetThatDenies(size_t denied) {
  auto rules = std::make_shared<std::vector<PermissionRule>>(2);
  (*rules)[0].actions = (*rules)[1].actions = {Action::kSubscribe};
  (*rules)[1].deny = true;
  std::vector<PermissionSet::Entry> entries = {{&(*rules)[0], {"#"}}, {&(*rules)[1], {}}};
  for (size_t i = 0; i < denied; ++i) {
    entries[1].filters.push_back(base::StrCat("telemetry/+/secret-", i));
  }
  return std::make_unique<PermissionSet>(std::move(rules), std::move(entries));
}

struct Client final : tests::SilentEvents {
  ClientPermissions permissions() const override ESOCKETS_ON_LOOP { return {&nobody, set, memo}; }

  const Identity nobody;
  const PermissionSet* set = nullptr;
  PermissionMemo* memo = nullptr;
  tests::SilentSink sink;
  Outbox outbox{&sink};
  Subscription subscription{&outbox};
};

class Loop : private tests::LoneRouter {
 public:
  Loop(size_t with_holes, size_t denied) ESOCKETS_ASSERTS_ON_LOOP : LoneRouter(&form_),
                                                                    set_(SetThatDenies(denied)) {
    executor_.BeginTurn();
    for (size_t i = 0; i < kClients; ++i) {
      clients_.push_back(std::make_unique<Client>());
      Client& client = *clients_.back();
      client.sink.events = &client;
      client.set = set_.get();
      client.memo = &memo_;
      router_.Add("telemetry/#", &client.subscription);
      router_.SetHoles(&client.subscription, i < with_holes);
    }
    for (size_t i = 0; i < kTopics; ++i) {
      messages_.emplace_back(base::StrCat("telemetry/host-", i, "/cpu"), std::string(128, 'x'));
    }
  }
  ~Loop() {
    executor_.AssertOnLoop();
    for (const auto& client : clients_) {
      client->outbox.Close();
      router_.Remove(&client->subscription);
    }
    executor_.EndTurn();
  }
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void PublishToAll() ESOCKETS_ON_LOOP {
    for (const tests::Published& message : messages_) router_.Publish(message.messages());
    router_.CloseRun();
  }
  uint64_t Delivered() const {
    uint64_t messages = 0;
    for (const auto& client : clients_) messages += client->outbox.delivered_messages_total();
    return messages;
  }

 private:
  tests::SimWireForm form_{&executor_.clock()};
  const std::unique_ptr<PermissionSet> set_;
  PermissionMemo memo_;
  std::vector<std::unique_ptr<Client>> clients_;
  std::vector<tests::Published> messages_;
};

void Deliver(benchmark::State& state) {
  Loop loop(static_cast<size_t>(state.range(0)), static_cast<size_t>(state.range(1)));
  for (auto _ : state) loop.PublishToAll();
  const auto deliveries = static_cast<uint64_t>(state.iterations()) * kTopics * kClients;
  if (loop.Delivered() != deliveries) state.SkipWithError("not what was published");
  bench::ReportPerItem(state, "delivery", deliveries);
}

BENCHMARK(Deliver)
    ->ArgNames({"with_holes", "denied"})
    ->Args({0, 0})
    ->Args({0, 100})
    ->Args({1, 100})
    ->Args({kClients, 1})
    ->Args({kClients, 100});

}  // namespace
}  // namespace esockets::broker
