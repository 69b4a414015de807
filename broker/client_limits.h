// The limits that each client has, by their names: of these a class may have its own.
#ifndef BROKER_CLIENT_LIMITS_H_
#define BROKER_CLIENT_LIMITS_H_

#include <cstdint>
#include <string_view>
#include <type_traits>

#include "broker/limits.h"

namespace esockets::broker {

struct ClientLimit {
  std::string_view name;  // as in the configuration
  uint64_t (*of)(const Limits& limits);
  void (*set)(Limits* limits, uint64_t value);
};

template <typename L, typename Member>
constexpr auto& MemberAt(L& limits, Member member) {
  return limits.*member;
}
template <typename L, typename Part, typename Member>
constexpr auto& MemberAt(L& limits, Part part, Member member) {
  return limits.*part.*member;
}

// `way`: to its member, through that of Limits which it is part of, if there is one.
template <auto... way>
constexpr ClientLimit LimitAt(std::string_view name) {
  return {.name = name,
          .of = [](const Limits& limits) -> uint64_t { return MemberAt(limits, way...); },
          .set =
              [](Limits* limits, uint64_t value) {
                auto& member = MemberAt(*limits, way...);
                member = static_cast<std::remove_reference_t<decltype(member)>>(value);
              }};
}

inline constexpr ClientLimit kClientLimits[] = {
    LimitAt<&Limits::clients_per_user_max>("clients_per_user_max"),
    LimitAt<&Limits::rates, &ClientRates::messages_in_per_second_max>("messages_in_per_second_max"),
    LimitAt<&Limits::rates, &ClientRates::bytes_in_per_second_max>("bytes_in_per_second_max"),
    LimitAt<&Limits::rates, &ClientRates::messages_out_per_second_max>(
        "messages_out_per_second_max"),
    LimitAt<&Limits::rates, &ClientRates::bytes_out_per_second_max>("bytes_out_per_second_max"),
    LimitAt<&Limits::payload_bytes_max>("payload_bytes_max"),
    LimitAt<&Limits::headers_max>("headers_max"),
    LimitAt<&Limits::header_bytes_max>("header_bytes_max"),
    LimitAt<&Limits::topic, &base::TopicLimits::topic_levels_max>("topic_levels_max"),
    LimitAt<&Limits::wildcard_levels_max>("wildcard_levels_max"),
    LimitAt<&Limits::subscriptions_max>("subscriptions_max"),
    LimitAt<&Limits::stream_readings_max>("stream_readings_max"),
    LimitAt<&Limits::presence_topics_per_client_max>("presence_topics_per_client_max"),
    LimitAt<&Limits::backlog_messages_max>("backlog_messages_max"),
    LimitAt<&Limits::backlog_bytes_max>("backlog_bytes_max"),
    LimitAt<&Limits::backlog_age_max_ms>("backlog_age_max_ms"),
};

}  // namespace esockets::broker

#endif  // BROKER_CLIENT_LIMITS_H_
