// The rarer frames of the broker, filled from what it knows.
#ifndef BROKER_SERVER_FRAMES_H_
#define BROKER_SERVER_FRAMES_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "broker/delivery_receipt.h"
#include "broker/errors.h"
#include "broker/gap.h"
#include "broker/limits.h"
#include "broker/messages.h"
#include "broker/stream_reading.h"
#include "proto/esockets.pb.h"

namespace esockets::broker {

// All but the client's limits.
struct ConnectedFacts {
  std::string_view client_id;
  uint64_t session_id = 0;
  base::Duration keep_alive{};
  std::string_view server;
  std::string_view inbox;
  base::Duration credentials_expire_in{};  // 0: they do not
  std::string ticket{};                    // empty: none
};
ServerFrame ConnectedFrame(const ConnectedFacts& facts, const Limits& limits);

ServerFrame RefreshedFrame(uint64_t request_id, base::Duration credentials_expire_in);

// `detail` is left out when it is not UTF-8: a client's own text may be quoted in it.
ServerFrame ErrorFrame(uint64_t request_id, ErrorCode code, std::string_view detail);

// `group`: of the subscription; empty: none.
ServerFrame GapFrame(std::string_view filter, const Gap& gap, const base::Clock& clock,
                     std::string_view group = {});

// `ticket`: empty: none.
ServerFrame GoAwayFrame(CloseCode code, uint32_t retry_after_ms, std::string ticket);

// `delivery`: null if it was not asked for.
ServerFrame PublishedFrame(uint64_t request_id, const Delivery* delivery, const Stored& stored);

ServerFrame SubscribedFrame(uint64_t request_id, const StreamBegin& begin);

ServerFrame SubscribedWithLastValuesFrame(uint64_t request_id);

ServerFrame SnapshotEndFrame(std::string_view filter);

ServerFrame MessageFrame(std::string_view topic, std::string_view payload);

}  // namespace esockets::broker

#endif  // BROKER_SERVER_FRAMES_H_
