#include "app/plan_limits.h"

#include <chrono>
#include <cstdint>
#include <string_view>

#include "base/process_memory.h"
#include "base/strings.h"
#include "base/token_bucket.h"
#include "broker/client_limits.h"
#include "google/protobuf/descriptor.h"
#include "server/limits.h"

namespace esockets::app {
namespace {

using google::protobuf::FieldDescriptor;
using std::chrono::milliseconds;

constexpr uint64_t kNoUpperBound = UINT64_MAX;
constexpr uint64_t kFrameBytesMaxMax = 64U << 20;
constexpr uint64_t kMemoryBytesMaxMin = 64U << 20;  // the broker at rest has some 20 MiB

// The least and the most that a limit may be.
struct Range {
  std::string_view field;
  uint64_t value;
  uint64_t min;
  uint64_t max = kNoUpperBound;
};

absl::Status CheckRange(const Range& range, const std::string& path, const Places& places) {
  if (range.value >= range.min && range.value <= range.max) return absl::OkStatus();
  return places.Mistake(base::StrCat(path, ".", range.field),
                        range.max == kNoUpperBound
                            ? base::StrCat("must be at least ", range.min, ", not ", range.value)
                            : base::StrCat("must lie between ", range.min, " and ", range.max,
                                           ", not ", range.value));
}

template <typename To, typename From>
void Take(bool is_given, From value, To* limit) {
  if (is_given) *limit = static_cast<To>(value);
}

void TakeClientLimits(const Limits& config, broker::Limits* limits) {
  for (const broker::ClientLimit& limit : broker::kClientLimits) {
    const FieldDescriptor& field = *Limits::descriptor()->FindFieldByName(std::string(limit.name));
    const google::protobuf::Reflection& given = *config.GetReflection();
    if (!given.HasField(config, &field)) continue;
    limit.set(limits, field.cpp_type() == FieldDescriptor::CPPTYPE_UINT32
                          ? given.GetUInt32(config, &field)
                          : given.GetUInt64(config, &field));
  }
}

// Of the broker, and of those who have not connected yet.
void TakeBrokerLimits(const Limits& config, broker::Limits* limits) {
  const auto take = [&](auto field, bool is_given, auto value) { Take(is_given, value, field); };
  if (config.has_connect_timeout_ms()) {
    limits->connect_timeout = milliseconds(config.connect_timeout_ms());
  }
  if (config.has_keep_alive_ms()) limits->keep_alive = milliseconds(config.keep_alive_ms());
  take(&limits->first_packet_bytes_max, config.has_first_packet_bytes_max(),
       config.first_packet_bytes_max());
  take(&limits->clients_max, config.has_clients_max(), config.clients_max());
  take(&limits->reconnects_per_second, config.has_reconnects_per_second(),
       config.reconnects_per_second());
  take(&limits->frame_bytes_max, config.has_frame_bytes_max(), config.frame_bytes_max());
  take(&limits->topic.topic_bytes_max, config.has_topic_bytes_max(), config.topic_bytes_max());
  take(&limits->high_watermark_bytes, config.has_high_watermark_bytes(),
       config.high_watermark_bytes());
  take(&limits->conflate_watermark_bytes, config.has_conflate_watermark_bytes(),
       config.conflate_watermark_bytes());
  take(&limits->backlogs_bytes_max, config.has_backlogs_bytes_max(), config.backlogs_bytes_max());
  take(&limits->exchange_bytes_max, config.has_exchange_bytes_max(), config.exchange_bytes_max());
  limits->memory_bytes_max = config.has_memory_bytes_max() ? config.memory_bytes_max()
                                                           : base::AvailableMemoryBytes() / 5 * 4;
}

absl::Status CheckLimits(const Limits& config, const broker::Limits& limits,
                         const std::string& path, const Places& places) {
  const uint64_t connect_timeout_ms = static_cast<uint64_t>(
      std::chrono::duration_cast<milliseconds>(limits.connect_timeout).count());
  const Range ranges[] = {
      {"connect_timeout_ms", connect_timeout_ms, 1},
      {"first_packet_bytes_max", limits.first_packet_bytes_max, 256, kFrameBytesMaxMax},
      {"clients_max", limits.clients_max, 1},
      {"reconnects_per_second", limits.reconnects_per_second, 1},
      {"bytes_in_per_second_max", limits.rates.bytes_in_per_second_max, 0, base::TokenRate::kMax},
      {"bytes_out_per_second_max", limits.rates.bytes_out_per_second_max, 0, base::TokenRate::kMax},
      {"header_bytes_max", limits.header_bytes_max, 1, kFrameBytesMaxMax},
      {"frame_bytes_max", limits.frame_bytes_max, 1024, kFrameBytesMaxMax},
      {"payload_bytes_max", limits.payload_bytes_max, 1, kFrameBytesMaxMax},
      {"topic_bytes_max", limits.topic.topic_bytes_max, 1, 65'535},
      {"topic_levels_max", limits.topic.topic_levels_max, 1, 128},
      {"high_watermark_bytes", limits.high_watermark_bytes, 1024, server::kSendQueueBytesMax / 2},
      {"conflate_watermark_bytes", limits.conflate_watermark_bytes, 1024,
       server::kSendQueueBytesMax / 2},
      {"backlog_messages_max", limits.backlog_messages_max, 1},
      {"backlog_bytes_max", limits.backlog_bytes_max, 1},
      {"backlogs_bytes_max", limits.backlogs_bytes_max, 1},
      {"exchange_bytes_max", limits.exchange_bytes_max, 65'536},
      {"memory_bytes_max", limits.memory_bytes_max,
       config.memory_bytes_max() == 0 ? 0 : kMemoryBytesMaxMin},
  };
  for (const Range& range : ranges) {
    if (absl::Status status = CheckRange(range, path, places); !status.ok()) return status;
  }
  if (limits.payload_bytes_max < limits.frame_bytes_max) return absl::OkStatus();
  return places.Mistake(
      path + (config.has_payload_bytes_max() ? ".payload_bytes_max" : ".frame_bytes_max"),
      base::StrCat("a frame must have room for more than a payload: frame_bytes_max is ",
                   limits.frame_bytes_max, ", payload_bytes_max ", limits.payload_bytes_max));
}

}  // namespace

absl::Status PlanClientLimits(const Limits& config, const std::string& path, const Places& places,
                              broker::Limits* limits) {
  TakeClientLimits(config, limits);
  return CheckLimits(config, *limits, path, places);
}

absl::Status PlanLimits(const Config& config, const Places& places, Plan* plan) {
  broker::Limits& limits = plan->broker.settings.limits;
  TakeBrokerLimits(config.limits(), &limits);
  if (absl::Status status = PlanClientLimits(config.limits(), "limits", places, &limits);
      !status.ok()) {
    return status;
  }
  plan->broker.server.high_watermark_bytes = limits.high_watermark_bytes;
  plan->broker.server.low_watermark_bytes = limits.high_watermark_bytes / 4;
  return absl::OkStatus();
}

}  // namespace esockets::app
