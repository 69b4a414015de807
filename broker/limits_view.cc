#include "broker/limits_view.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>

#include "base/strings.h"
#include "broker/class_number.h"
#include "broker/client_classes.h"
#include "broker/client_limits.h"
#include "broker/client_rates.h"
#include "broker/errors.h"
#include "broker/gap.h"
#include "broker/message_store.h"
#include "broker/metrics.h"
#include "broker/session_limits.h"
#include "broker/stream_home.h"
#include "broker/stream_rules.h"

namespace esockets::broker {
namespace {

using Count = std::optional<uint64_t>;

Count Unknown(const Metrics&) { return std::nullopt; }
Count UnknownOf(const Shard&, const Session&) { return std::nullopt; }

template <ErrorCode code>
Count Errors(const Metrics& metrics) {
  return metrics.errors[static_cast<uint32_t>(code) - 100].value();
}

template <GapReason reason>
Count Drops(const Metrics& metrics) {
  return metrics.of(reason).value();
}

template <base::Counter Metrics::*counter>
Count Times(const Metrics& metrics) {
  return (metrics.*counter).value();
}

Count ClientsOfUser(const Shard& shard, const Session& session) {
  const std::string& user = session.identity().user;
  return user.empty() ? std::nullopt : Count(shard.totals.users.Of(user));
}

RatesUsed InputUsed(const Shard&, const Session& session) ESOCKETS_ON_LOOP {
  return SessionLimits::InputUsed(session);
}

RatesUsed OutputUsed(const Shard& shard, const Session& session) ESOCKETS_ON_LOOP {
  return session.outbox().rates_used(shard.executor.TurnTime());
}

// Of a rate that is not limited nothing is counted.
template <auto limit, uint64_t RatesUsed::*part, auto used>
Count Used(const Shard& shard, const Session& session) ESOCKETS_ON_LOOP {
  if (session.limits().rates.*limit == 0) return std::nullopt;
  return used(shard, session).*part;
}

// What is known of a client's limit: how often it was reached, and how much one client uses.
struct Known {
  std::string_view name;
  Count (*reached)(const Metrics& metrics) = Unknown;
  Count (*used)(const Shard& shard, const Session& session) = UnknownOf;
};

constexpr Known kKnown[] = {
    {.name = "clients_per_user_max", .used = ClientsOfUser},
    {"messages_in_per_second_max", Times<&Metrics::input_pauses_total>,
     Used<&ClientRates::messages_in_per_second_max, &RatesUsed::messages, InputUsed>},
    {"bytes_in_per_second_max", Times<&Metrics::input_pauses_total>,
     Used<&ClientRates::bytes_in_per_second_max, &RatesUsed::bytes, InputUsed>},
    {"messages_out_per_second_max", Times<&Metrics::output_pauses_total>,
     Used<&ClientRates::messages_out_per_second_max, &RatesUsed::messages, OutputUsed>},
    {"bytes_out_per_second_max", Times<&Metrics::output_pauses_total>,
     Used<&ClientRates::bytes_out_per_second_max, &RatesUsed::bytes, OutputUsed>},
    {"payload_bytes_max", Errors<ErrorCode::kPayloadTooLarge>},
    {"headers_max", Errors<ErrorCode::kHeadersTooLarge>},
    {"header_bytes_max", Errors<ErrorCode::kHeadersTooLarge>},
    {"subscriptions_max", Errors<ErrorCode::kTooManySubscriptions>,
     [](const Shard&, const Session& s) -> Count { return s.subscription_count(); }},
    {.name = "stream_readings_max",
     .used = [](const Shard&, const Session& s) -> Count {
       return s.subscriptions().CountReading();
     }},
    {"presence_topics_per_client_max", Errors<ErrorCode::kTooManyPresenceTopics>,
     [](const Shard& shard, const Session& s) -> Count {
       return shard.presence.reports().TopicsOf(s.id());
     }},
    {"backlog_messages_max", Drops<GapReason::kBacklogFull>,
     [](const Shard&, const Session& s) -> Count { return s.outbox().backlog_messages(); }},
    {"backlog_bytes_max", Drops<GapReason::kBacklogFull>,
     [](const Shard&, const Session& s) -> Count { return s.outbox().backlog_memory_bytes(); }},
    {"backlog_age_max_ms", Drops<GapReason::kTooOld>},
};

Known KnownOf(const ClientLimit& limit) {
  const auto* const found = std::ranges::find(kKnown, limit.name, &Known::name);
  return found == std::end(kKnown) ? Known{.name = limit.name} : *found;
}

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
  Add("broker", "memory_bytes_max", limits.memory_bytes_max,
      whole(shard.totals.memory_bytes.load()), metrics.memory_short_total.value(), reply);
  Add("broker", "exchange_bytes_max", limits.exchange_bytes_max, std::nullopt,
      metrics.exchange_pauses_total.value(), reply);
  shard.host.limits([&](const HostLimit& limit) {
    const auto part = [&whole](const Count& count) {
      return count ? Count(whole(*count)) : std::nullopt;
    };
    Add(limit.scope, limit.name, limit.max, part(limit.used), part(limit.reached_total), reply);
  });
}

// What one stream, or one kind of last values, keeps of the classes that have limits for it. The
// home tells the use, and the others none.
void AddShares(const Shard& shard, uint32_t stream, admin::Limits* reply) ESOCKETS_ON_LOOP {
  const StreamRule& rule = shard.streams.rules()[stream];
  const StreamHome* const home = shard.streams.Find(stream);
  const ClientClasses& classes = shard.settings().classes;
  for (const ClientClass& one : classes.all()) {
    const std::string scope = base::StrCat("class ", one.name, " in ", rule.name);
    const ClassNumber number = classes.NumberOf(one);
    const Share share = home == nullptr ? Share() : home->store().ShareOf(number);
    const uint64_t reached = home == nullptr ? 0 : home->above_share_total(number);
    const auto add = [&](std::string_view name, uint64_t max, uint64_t used) {
      if (max != 0) Add(scope, name, max, used, reached, reply);
    };
    if (rule.last_values) {
      add("last_value_topics_max", one.kept.last_value_topics_max, share.messages);
      add("last_value_bytes_max", one.kept.last_value_bytes_max, share.bytes);
    } else {
      add("stream_messages_max", one.kept.stream_messages_max, share.messages);
      add("stream_bytes_max", one.kept.stream_bytes_max, share.bytes);
    }
  }
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
    AddShares(shard, i, reply);
  }
}

// Of a class only those that are its own.
void AddClients(const Shard& shard, admin::Limits* reply) ESOCKETS_ON_LOOP {
  const Whole whole(shard);
  for (const ClientLimit& limit : kClientLimits) {
    const bool of_user = limit.name == "clients_per_user_max";
    Add("client", limit.name, limit.of(shard.limits()),
        of_user ? Count(whole(shard.totals.users.most())) : std::nullopt,
        KnownOf(limit).reached(shard.metrics), reply);
  }
  for (const ClientClass& one : shard.settings().classes.all()) {
    const std::string scope = base::StrCat("class ", one.name);
    Add(scope, "clients_max", one.clients_max, whole(shard.totals.classes.Of(one.name)),
        std::nullopt, reply);
    for (const ClientLimit& limit : kClientLimits) {
      if (limit.of(one.limits) == limit.of(shard.limits())) continue;
      Add(scope, limit.name, limit.of(one.limits), std::nullopt, std::nullopt, reply);
    }
  }
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
    Add("client", limit.name, limit.of(session.limits()), KnownOf(limit).used(shard, session),
        std::nullopt, &reply);
  }
  return reply;
}

}  // namespace esockets::broker
