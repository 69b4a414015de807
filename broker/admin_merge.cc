#include "broker/admin_merge.h"

#include <algorithm>
#include <map>
#include <optional>
#include <tuple>
#include <type_traits>
#include <utility>

#include "base/check.h"
#include "broker/admin_page.h"
#include "proto/admin.pb.h"

namespace esockets::broker {
namespace {

template <typename Message>
Message Parsed(const std::string& bytes) {
  Message message;
  ESOCKETS_CHECK(message.ParseFromString(bytes));
  return message;
}

std::string MergeInfo(const std::vector<std::string>& replies) {
  admin::Info merged = Parsed<admin::Info>(replies[0]);
  for (size_t i = 1; i < replies.size(); ++i) {
    const auto one = Parsed<admin::Info>(replies[i]);
    merged.set_clients(merged.clients() + one.clients());
    merged.set_subscriptions(merged.subscriptions() + one.subscriptions());
    merged.set_arena_bytes(merged.arena_bytes() + one.arena_bytes());
    merged.set_backlog_bytes(merged.backlog_bytes() + one.backlog_bytes());
    merged.mutable_loop()->MergeFrom(one.loop());
  }
  std::ranges::sort(*merged.mutable_loop(), {}, &admin::Loop::index);
  return merged.SerializeAsString();
}

std::string MergeMetrics(const std::vector<std::string>& replies) {
  admin::Metrics merged = Parsed<admin::Metrics>(replies[0]);
  // Every loop has the same ones, in the same order.
  for (size_t i = 1; i < replies.size(); ++i) {
    const auto one = Parsed<admin::Metrics>(replies[i]);
    for (int m = 0; m < merged.metrics_size(); ++m) {
      admin::Metric& sum = *merged.mutable_metrics(m);
      ESOCKETS_CHECK(sum.name() == one.metrics(m).name() && sum.label() == one.metrics(m).label());
      sum.set_value(sum.value() + one.metrics(m).value());
    }
  }
  return merged.SerializeAsString();
}

// Every loop names the same ones, unless the configuration is just becoming another: then the rest
// is the first one's.
std::string MergeLimits(const std::vector<std::string>& replies) {
  admin::Limits merged = Parsed<admin::Limits>(replies[0]);
  for (size_t i = 1; i < replies.size(); ++i) {
    const auto one = Parsed<admin::Limits>(replies[i]);
    for (int l = 0; l < std::min(merged.limits_size(), one.limits_size()); ++l) {
      admin::Limit& sum = *merged.mutable_limits(l);
      const admin::Limit& part = one.limits(l);
      if (sum.name() != part.name() || sum.scope() != part.scope()) continue;
      if (sum.has_used()) sum.set_used(sum.used() + part.used());
      if (sum.has_reached_total())
        sum.set_reached_total(sum.reached_total() + part.reached_total());
    }
  }
  return merged.SerializeAsString();
}

std::string MergeDrain(const std::vector<std::string>& replies) {
  admin::Drain merged;
  for (const std::string& reply : replies) {
    merged.set_clients(merged.clients() + Parsed<admin::Drain>(reply).clients());
  }
  return merged.SerializeAsString();
}

auto& Entries(admin::Clients& page) { return *page.mutable_clients(); }
auto& Entries(admin::Subscriptions& page) { return *page.mutable_subscriptions(); }
auto& Entries(admin::Slow& page) { return *page.mutable_clients(); }
auto& Entries(admin::Closed& page) { return *page.mutable_clients(); }
auto& Entries(admin::Trace& page) { return *page.mutable_entries(); }
uint64_t OrderOf(const admin::Client& client) { return client.session_id(); }
std::pair<uint64_t, std::string_view> OrderOf(const admin::Subscription& subscription) {
  return {subscription.session_id(), subscription.filter()};
}
std::pair<uint64_t, std::string_view> OrderOf(const admin::TraceEntry& entry) {
  return {entry.session_id(), entry.filter()};
}
// The last one first.
std::pair<uint64_t, uint64_t> OrderOf(const admin::ClosedClient& client) {
  return {~client.closed_us(), client.session_id()};
}
// Slow now, and longest, first.
std::tuple<bool, uint64_t, uint64_t> OrderOf(const admin::SlowClient& client) {
  return {client.slow_ms() == 0, ~client.oldest_ms(), client.session_id()};
}

// A loop that has more may have some in front of another loop's last: those wait for a later page.
template <typename Reply>
Reply MergePages(const std::vector<std::string>& replies, AdminPage page) {
  std::vector<Reply> pages;
  pages.reserve(replies.size());
  for (const std::string& reply : replies) pages.push_back(Parsed<Reply>(reply));
  using Entry = std::remove_reference_t<decltype(*Entries(pages[0]).begin())>;
  std::vector<Entry*> entries;
  const Entry* last = nullptr;  // up to which every loop has told all
  for (Reply& one : pages) {
    for (Entry& entry : Entries(one)) entries.push_back(&entry);
    if (!one.more()) continue;
    const Entry& end = *Entries(one).rbegin();
    if (last == nullptr || OrderOf(end) < OrderOf(*last)) last = &end;
  }
  std::ranges::sort(entries,
                    [](const Entry* a, const Entry* b) { return OrderOf(*a) < OrderOf(*b); });
  Reply merged;
  merged.set_more(last != nullptr);
  for (Entry* entry : entries) {
    const bool known_up_to_here = last == nullptr || !(OrderOf(*last) < OrderOf(*entry));
    if (!known_up_to_here || !page.Take(*entry)) {
      merged.set_more(true);
      break;
    }
    *Entries(merged).Add() = *entry;
  }
  return merged;
}

// `Request` has the limit.
template <typename Request, typename Reply>
std::string MergePagesOf(const std::string& payload, const std::vector<std::string>& replies,
                         const Limits& limits) {
  const uint32_t asked = Parsed<Request>(payload).limit();
  return MergePages<Reply>(replies, AdminPage(limits, asked)).SerializeAsString();
}

std::string MergeTrace(const std::string& payload, const std::vector<std::string>& replies,
                       const Limits& limits) {
  const uint32_t asked = Parsed<admin::TraceRequest>(payload).limit();
  auto merged = MergePages<admin::Trace>(replies, AdminPage(limits, asked));
  for (const std::string& reply : replies) {
    const auto one = Parsed<admin::Trace>(reply);
    merged.set_receivers(merged.receivers() + one.receivers());
    merged.mutable_groups()->MergeFrom(one.groups());
    if (!one.refused().empty()) merged.set_refused(one.refused());
  }
  return merged.SerializeAsString();
}

// The stream's home tells nearly all of it, each loop the readers there.
void AddStream(const admin::Stream& part, admin::Stream* stream) {
  const uint64_t readers = stream->readers() + part.readers();
  stream->MergeFrom(part);
  stream->set_readers(readers);
}

// Every loop names every stream, but its page may end earlier than another's.
std::string MergeStreams(const std::string& payload, const std::vector<std::string>& replies,
                         const Limits& limits) {
  std::map<std::string, admin::Stream> streams;
  std::optional<std::string> last;  // up to which every loop has told all
  for (const std::string& reply : replies) {
    const auto one = Parsed<admin::Streams>(reply);
    for (const admin::Stream& part : one.streams()) AddStream(part, &streams[part.name()]);
    if (!one.more()) continue;
    const std::string& end = one.streams().rbegin()->name();
    if (!last || end < *last) last = end;
  }
  admin::Streams merged;
  merged.set_more(last.has_value());
  AdminPage page(limits, Parsed<admin::StreamsRequest>(payload).limit());
  for (auto& [name, stream] : streams) {
    if ((last && name > *last) || !page.Take(stream)) {
      merged.set_more(true);
      break;
    }
    *merged.add_streams() = std::move(stream);
  }
  return merged.SerializeAsString();
}

}  // namespace

std::string MergeReplies(std::string_view topic, const std::string& payload,
                         const std::vector<std::string>& replies, const Limits& limits) {
  if (replies.size() == 1) return replies[0];
  if (topic == "$SYS/acl") return replies[0];  // all have the same rules
  if (topic == "$SYS/info") return MergeInfo(replies);
  if (topic == "$SYS/metrics") return MergeMetrics(replies);
  if (topic == "$SYS/limits") return MergeLimits(replies);
  if (topic == "$SYS/drain") return MergeDrain(replies);
  if (topic == "$SYS/streams") return MergeStreams(payload, replies, limits);
  if (topic == "$SYS/trace") return MergeTrace(payload, replies, limits);
  if (topic == "$SYS/clients") {
    return MergePagesOf<admin::ClientsRequest, admin::Clients>(payload, replies, limits);
  }
  if (topic == "$SYS/closed") {
    return MergePagesOf<admin::ClosedRequest, admin::Closed>(payload, replies, limits);
  }
  if (topic == "$SYS/slow") {
    return MergePagesOf<admin::SlowRequest, admin::Slow>(payload, replies, limits);
  }
  ESOCKETS_CHECK(topic == "$SYS/subscriptions");
  return MergePagesOf<admin::SubscriptionsRequest, admin::Subscriptions>(payload, replies, limits);
}

}  // namespace esockets::broker
