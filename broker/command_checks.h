// Is a command within the limits and the rules? Knows no session: what depends on the client's
// state is checked where that state is.
#ifndef BROKER_COMMAND_CHECKS_H_
#define BROKER_COMMAND_CHECKS_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "broker/errors.h"
#include "broker/limits.h"
#include "proto/client_frame_decoder.h"

namespace esockets::broker {

template <typename Code>
struct Refusal {
  Code code;
  std::string detail;  // may quote what the client sent
};

// Nothing: it is all right.
std::optional<Refusal<CloseCode>> CheckConnect(const proto::ConnectView& connect,
                                               const Limits& limits);
std::optional<Refusal<ErrorCode>> CheckSubscribe(const proto::SubscribeView& subscribe,
                                                 const Limits& limits);
// Of a publish that consists of these. Reserved topics pass: who may use them depends.
std::optional<Refusal<ErrorCode>> CheckContent(std::string_view topic, uint64_t payload_bytes,
                                               size_t key_bytes, const Limits& limits);
std::optional<Refusal<ErrorCode>> CheckPublish(const proto::PublishView& publish,
                                               const Limits& limits);

// The version of the protocol that this broker speaks.
inline constexpr uint32_t kProtocolVersion = 1;

}  // namespace esockets::broker

#endif  // BROKER_COMMAND_CHECKS_H_
