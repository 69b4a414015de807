#include "broker/stream_view.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "broker/admin_page.h"
#include "broker/stream_home.h"
#include "broker/stream_rules.h"

namespace esockets::broker {
namespace {

using base::Millis;

void FillRule(const StreamRule& rule, admin::Stream* filled) {
  filled->set_filter(rule.filter);
  filled->set_messages_max(rule.limits.messages_max);
  filled->set_bytes_max(rule.limits.bytes_max);
  filled->set_age_max_ms(Millis(rule.limits.age_max));
  filled->set_messages_per_topic_max(rule.limits.messages_per_topic_max);
  if (!rule.last_values) return;
  filled->set_last_values(true);
  filled->set_messages_max(rule.last_values->topics_max);
  filled->set_bytes_max(rule.last_values->bytes_max);
}

void FillFigures(const StreamHome& home, base::TimePoint now,
                 admin::Stream* filled) ESOCKETS_ON_LOOP {
  const StoreFigures figures = home.store().figures();
  filled->set_epoch(home.epoch());
  filled->set_first_position(figures.first);
  filled->set_last_position(figures.last);
  filled->set_messages(figures.messages);
  filled->set_bytes(figures.bytes);
  filled->set_memory_bytes(figures.memory_bytes);
  filled->set_topics(figures.topics);
  filled->set_oldest_ms(figures.oldest ? Millis(now - *figures.oldest) : 0);
  filled->set_message_ids(home.message_ids());
}

admin::Stream StreamOnLoop(const Shard& shard, uint32_t stream) ESOCKETS_ON_LOOP {
  const StreamRule& rule = shard.streams.rules()[stream];
  admin::Stream filled;
  filled.set_name(rule.name);
  filled.set_readers(shard.metrics.streams[stream].readers.value());
  const StreamHome* home = shard.streams.Find(stream);
  if (home == nullptr) return filled;
  filled.set_home_loop(shard.siblings.self());
  FillRule(rule, &filled);
  FillFigures(*home, shard.executor.clock().Now(), &filled);
  return filled;
}

// Those that are asked for, by name.
std::vector<uint32_t> InOrder(const StreamRules& rules, const admin::StreamsRequest& request) {
  std::vector<uint32_t> order;
  for (uint32_t i = 0; i < rules.size(); ++i) {
    const bool wanted = request.name().empty() || rules[i].name == request.name();
    if (wanted && rules[i].name > request.after_name()) order.push_back(i);
  }
  std::ranges::sort(order, {}, [&](uint32_t i) -> const std::string& { return rules[i].name; });
  return order;
}

}  // namespace

admin::Streams StreamsOnLoop(const Shard& shard, const admin::StreamsRequest& request) {
  admin::Streams reply;
  AdminPage page(shard.limits(), request.limit());
  for (const uint32_t i : InOrder(shard.streams.rules(), request)) {
    admin::Stream stream = StreamOnLoop(shard, i);
    reply.set_more(!page.Take(stream));
    if (reply.more()) break;
    *reply.add_streams() = std::move(stream);
  }
  return reply;
}

}  // namespace esockets::broker
