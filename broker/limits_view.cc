#include "broker/limits_view.h"

#include <cstdint>
#include <optional>
#include <string>

#include "base/strings.h"
#include "broker/client_classes.h"
#include "broker/errors.h"
#include "broker/gap.h"
#include "broker/metrics.h"

namespace esockets::broker {
namespace {

using Count = std::optional<uint64_t>;

// One of those that a client has.
struct ClientLimit {
  std::string_view name;
  uint64_t (*max)(const Limits& limits);
  Count (*reached)(const Metrics& metrics);
};

Count Uncounted(const Metrics&) { return std::nullopt; }

template <ErrorCode code>
Count Errors(const Metrics& metrics) {
  return metrics.errors[static_cast<uint32_t>(code) - 100].value();
}

template <GapReason reason>
Count Drops(const Metrics& metrics) {
  return metrics.of(reason).value();
}

constexpr ClientLimit kClientLimits[] = {
    {"clients_per_user_max", [](const Limits& l) -> uint64_t { return l.clients_per_user_max; },
     Uncounted},
    {"messages_in_per_second_max",
     [](const Limits& l) -> uint64_t { return l.rates.messages_in_per_second_max; },
     [](const Metrics& m) -> Count { return m.input_pauses_total.value(); }},
    {"bytes_in_per_second_max",
     [](const Limits& l) -> uint64_t { return l.rates.bytes_in_per_second_max; },
     [](const Metrics& m) -> Count { return m.input_pauses_total.value(); }},
    {"messages_out_per_second_max",
     [](const Limits& l) -> uint64_t { return l.rates.messages_out_per_second_max; },
     [](const Metrics& m) -> Count { return m.output_pauses_total.value(); }},
    {"bytes_out_per_second_max",
     [](const Limits& l) -> uint64_t { return l.rates.bytes_out_per_second_max; },
     [](const Metrics& m) -> Count { return m.output_pauses_total.value(); }},
    {"payload_bytes_max", [](const Limits& l) -> uint64_t { return l.payload_bytes_max; },
     Errors<ErrorCode::kPayloadTooLarge>},
    {"headers_max", [](const Limits& l) -> uint64_t { return l.headers_max; },
     Errors<ErrorCode::kHeadersTooLarge>},
    {"header_bytes_max", [](const Limits& l) -> uint64_t { return l.header_bytes_max; },
     Errors<ErrorCode::kHeadersTooLarge>},
    {"topic_levels_max", [](const Limits& l) -> uint64_t { return l.topic.topic_levels_max; },
     Uncounted},
    {"wildcard_levels_max", [](const Limits& l) -> uint64_t { return l.wildcard_levels_max; },
     Uncounted},
    {"subscriptions_max", [](const Limits& l) -> uint64_t { return l.subscriptions_max; },
     Errors<ErrorCode::kTooManySubscriptions>},
    {"stream_readings_max", [](const Limits& l) -> uint64_t { return l.stream_readings_max; },
     Uncounted},
    {"presence_topics_per_client_max",
     [](const Limits& l) -> uint64_t { return l.presence_topics_per_client_max; },
     Errors<ErrorCode::kTooManyPresenceTopics>},
    {"backlog_messages_max", [](const Limits& l) -> uint64_t { return l.backlog_messages_max; },
     Drops<GapReason::kBacklogFull>},
    {"backlog_bytes_max", [](const Limits& l) -> uint64_t { return l.backlog_bytes_max; },
     Drops<GapReason::kBacklogFull>},
    {"backlog_age_max_ms", [](const Limits& l) -> uint64_t { return l.backlog_age_max_ms; },
     Drops<GapReason::kTooOld>},
};

void Add(std::string_view scope, std::string_view name, uint64_t max, Count used, Count reached,
         admin::Limits* reply) {
  admin::Limit& limit = *reply->add_limits();
  limit.set_scope(std::string(scope));
  limit.set_name(std::string(name));
  limit.set_max(max);
  if (used) limit.set_used(*used);
  if (reached) limit.set_reached_total(*reached);
}

// What all loops count together is the first one's.
class Whole {
 public:
  explicit Whole(const Shard& shard) : is_told_(shard.siblings.self() == 0) {}
  uint64_t operator()(uint64_t value) const { return is_told_ ? value : 0; }

 private:
  const bool is_told_;
};

void AddBroker(const Shard& shard, admin::Limits* reply) ESOCKETS_ON_LOOP {
  const Whole whole(shard);
  const Limits& limits = shard.limits();
  const Metrics& metrics = shard.metrics;
  const uint64_t refused =
      metrics.closes[static_cast<uint32_t>(CloseCode::kTooManyClients) - 200].value();
  Add("broker", "clients_max", limits.clients_max, whole(shard.totals.clients.load()), refused,
      reply);
  Add("broker", "backlogs_bytes_max", limits.backlogs_bytes_max,
      whole(shard.totals.backlog_memory_bytes.load()), metrics.sheds_total.value(), reply);
  Add("broker", "exchange_bytes_max", limits.exchange_bytes_max, std::nullopt,
      metrics.exchange_pauses_total.value(), reply);
  shard.host.limits([&](const HostLimit& limit) {
    const auto part = [&whole](const Count& count) {
      return count ? Count(whole(*count)) : std::nullopt;
    };
    Add(limit.scope, limit.name, limit.max, part(limit.used), part(limit.reached_total), reply);
  });
}

// Of these the home tells the use, and the others none.
void AddStreams(const Shard& shard, admin::Limits* reply) ESOCKETS_ON_LOOP {
  for (uint32_t i = 0; i < shard.streams.rules().size(); ++i) {
    const StreamRule& rule = shard.streams.rules()[i];
    const std::string scope = base::StrCat("stream ", rule.name);
    const StreamMetrics& figures = shard.metrics.streams[i];
    const uint64_t messages = figures.messages.value(), bytes = figures.bytes.value();
    if (rule.last_values) {
      Add(scope, "max_topics", rule.limits.messages_max, messages, std::nullopt, reply);
      Add(scope, "max_bytes", rule.limits.bytes_max, bytes, std::nullopt, reply);
    } else {
      const uint64_t retired = figures.retired_messages_total.value();
      Add(scope, "max_messages", rule.limits.messages_max, messages, retired, reply);
      Add(scope, "max_bytes", rule.limits.bytes_max, bytes, retired, reply);
    }
  }
}

// Of a class only those that are its own.
void AddClients(const Shard& shard, admin::Limits* reply) ESOCKETS_ON_LOOP {
  const Whole whole(shard);
  for (const ClientLimit& limit : kClientLimits) {
    const bool of_user = limit.name == "clients_per_user_max";
    Add("client", limit.name, limit.max(shard.limits()),
        of_user ? Count(whole(shard.totals.users.most())) : std::nullopt,
        limit.reached(shard.metrics), reply);
  }
  for (const ClientClass& one : shard.settings().classes.all()) {
    const std::string scope = base::StrCat("class ", one.name);
    Add(scope, "clients_max", one.clients_max, whole(shard.totals.classes.Of(one.name)),
        std::nullopt, reply);
    for (const ClientLimit& limit : kClientLimits) {
      if (limit.max(one.limits) == limit.max(shard.limits())) continue;
      Add(scope, limit.name, limit.max(one.limits), std::nullopt, std::nullopt, reply);
    }
  }
}

// What is known of it; of a rate only that it has one.
Count UsedBy(const Shard& shard, const Session& session, std::string_view name) ESOCKETS_ON_LOOP {
  if (name == "subscriptions_max") return session.subscription_count();
  if (name == "backlog_bytes_max") return session.outbox().backlog_memory_bytes();
  if (name == "backlog_messages_max") return session.outbox().backlog_messages();
  if (name == "stream_readings_max") return session.subscriptions().CountReading();
  if (name == "presence_topics_per_client_max")
    return shard.presence.reports().TopicsOf(session.id());
  const bool has_user = !session.identity().user.empty();
  if (name == "clients_per_user_max" && has_user) {
    return shard.totals.users.Of(session.identity().user);
  }
  return std::nullopt;
}

}  // namespace

admin::Limits LimitsOnLoop(const Shard& shard) {
  admin::Limits reply;
  AddBroker(shard, &reply);
  AddStreams(shard, &reply);
  AddClients(shard, &reply);
  return reply;
}

admin::Limits LimitsOfClient(const Shard& shard, const Session& session) {
  admin::Limits reply;
  const ClientClasses& classes = shard.settings().classes;
  const ClassNumber number = classes.Of(session.identity(), session.sink().listener());
  if (const ClientClass* const own = classes.Find(number)) {
    reply.set_class_name(own->name);
    Add(base::StrCat("class ", own->name), "clients_max", own->clients_max,
        shard.totals.classes.Of(own->name), std::nullopt, &reply);
  }
  for (const ClientLimit& limit : kClientLimits) {
    Add("client", limit.name, limit.max(session.limits()), UsedBy(shard, session, limit.name),
        std::nullopt, &reply);
  }
  return reply;
}

}  // namespace esockets::broker
