// The limits of the client library that no option changes: name, unit, reason.
#ifndef CLIENTS_CPP_LIMITS_H_
#define CLIENTS_CPP_LIMITS_H_

#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace esockets::client {

// The longest frame taken from a broker, in bytes: what a broken one can make us hold.
inline constexpr uint32_t kServerFrameBytesMax = 64 << 20;

// The longest frame to send, in bytes, while Connected has not told the broker's own limit.
inline constexpr uint32_t kFrameBytesMaxBeforeConnected = 1 << 20;

// Frames handed to the connection at once, in bytes: between two such pieces it can say stop.
inline constexpr size_t kSendPieceBytes = 64 << 10;

// The longest time in which a broker says what became of a message, in milliseconds: it waits no
// longer than that, whatever is asked.
inline constexpr uint32_t kConfirmMillisMax = 60'000;

// The longest message_id, in bytes: what a broker takes.
inline constexpr size_t kMessageIdBytesMax = 64;

// The longest name of a group, in bytes: what a broker takes.
inline constexpr size_t kGroupBytesMax = 128;

// Members of a roster that are asked for at once; and the pause after a question about presence
// that was not answered, or that the broker was too busy for.
inline constexpr uint32_t kPresencePageMembers = 500;
inline constexpr base::Duration kPresencePause = std::chrono::seconds(1);

// Between two Refreshes: the broker takes no more.
inline constexpr base::Duration kRefreshIntervalMin = std::chrono::seconds(1);

// Half keep-alives without a sign of life from the broker, after which the connection is given up.
inline constexpr int kSilentTicksMax = 3;

}  // namespace esockets::client

#endif  // CLIENTS_CPP_LIMITS_H_
