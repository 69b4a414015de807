#include "broker/slow_view.h"

#include <algorithm>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "broker/admin_page.h"
#include "broker/admin_who.h"
#include "proto/message_frame.h"
#include "proto/server_frame_encoder.h"

namespace esockets::broker {
namespace {

using base::Micros;
using base::Millis;

void FillEvidence(const SlowEntry& entry, admin::Evidence* filled) {
  const SlowEvidence& seen = entry.evidence;
  filled->set_window_ms(Millis(seen.window));
  filled->set_text(Describe(entry.verdict, seen));
  filled->set_busy_percent(seen.PercentOf(seen.busy));
  filled->set_receive_window_percent(seen.PercentOf(seen.receive_window_limited));
  filled->set_acked_bytes(seen.acked_bytes);
  filled->set_segments(seen.segments);
  filled->set_retransmits(seen.retransmits);
  filled->set_rtt_us(Micros(seen.rtt));
  filled->set_rtt_min_us(Micros(seen.rtt_min));
  filled->set_loop_lag_us(Micros(seen.loop_lag));
}

void FillDrops(const Session& session, admin::SlowClient* client) {
  session.subscriptions().ForEach([&](const Subscription& subscription) {
    if (!subscription.backlog) return;
    for (size_t i = 0; i < kGapReasons; ++i) {
      const uint64_t messages = subscription.backlog->dropped_messages[i];
      if (messages == 0) continue;
      admin::Drops& drops = *client->add_drops();
      drops.set_filter(std::string(subscription.filter()));
      drops.set_reason(std::string(GapReasonText(static_cast<GapReason>(i))));
      drops.set_messages(messages);
    }
  });
}

void FillSlowClient(const Session& session, const SlowEntry& entry, base::TimePoint now,
                    admin::SlowClient* client) ESOCKETS_ON_LOOP {
  const SinkView view = session.sink().View();
  const Outbox& outbox = session.outbox();
  const auto oldest = outbox.oldest();
  FillWho(WhoIs(session), view, client);
  client->set_behind(outbox.behind());
  client->set_oldest_ms(oldest ? Millis(now - *oldest) : 0);
  client->set_backlog_messages(outbox.backlog_messages());
  client->set_backlog_bytes(outbox.backlog_bytes());
  client->set_send_queue_bytes(view.send_queue_bytes);
  client->set_kernel_unsent_bytes(view.kernel_unsent_bytes);
  client->set_kernel_unacked_bytes(view.kernel_unacked_bytes);
  client->set_slow_ms(Millis(entry.SlowFor(now)));
  client->set_slow_ms_total(Millis(entry.SlowInAll(now)));
  client->set_slow_total(entry.slow_total);
  FillDrops(session, client);
  client->set_verdict(entry.slow ? std::string(SlowVerdictText(entry.verdict)) : "caught_up");
  FillEvidence(entry, client->mutable_evidence());
}

bool WasEverSlow(const SlowEntry& entry) { return entry.slow_total > 0; }

}  // namespace

admin::Slow SlowClients(const Shard& shard, uint32_t limit) {
  const base::TimePoint now = shard.executor.TurnTime();
  // Those that are slow now and have waited longest come first: MergeReplies has the same order.
  std::vector<std::tuple<bool, base::TimePoint, uint64_t>> order;
  for (const auto& [session_id, entry] : shard.slow_ledger.entries()) {
    if (!WasEverSlow(entry)) continue;
    order.emplace_back(!entry.slow, entry.outbox->oldest().value_or(now), session_id);
  }
  std::ranges::sort(order);
  admin::Slow reply;
  AdminPage page(shard.limits(), limit);
  for (const auto& [caught_up, oldest, session_id] : order) {
    const Session* session = shard.clients.Find(session_id);
    if (session == nullptr) continue;
    admin::SlowClient client;
    FillSlowClient(*session, *shard.slow_ledger.Find(session_id), now, &client);
    reply.set_more(!page.Take(client));
    if (reply.more()) break;
    *reply.add_clients() = std::move(client);
  }
  return reply;
}

admin::Slow SlowClients(const Shard& shard, const Session& session) {
  admin::Slow reply;
  const SlowEntry* entry = shard.slow_ledger.Find(session.id());
  if (entry != nullptr && WasEverSlow(*entry)) {
    FillSlowClient(session, *entry, shard.executor.TurnTime(), reply.add_clients());
  }
  return reply;
}

void SlowReports::OnSlowChange(const SlowEntry& entry) {
  const Session* session = shard_.clients.Find(entry.outbox->sink().session_id());
  if (session == nullptr) return;
  admin::SlowClient client;
  FillSlowClient(*session, entry, shard_.executor.TurnTime(), &client);
  const std::string payload = client.SerializeAsString();
  const proto::TopicAndPayload fields(kSlowTopic, payload);
  proto::MessageFrame frame;
  frame.Assign(fields.pieces()[1], fields.pieces());
  shard_.router.Publish({.topic = frame.topic(), .frames = frame.frames()});
}

}  // namespace esockets::broker
