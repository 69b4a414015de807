// Tickets with which clients come back: signed, for one user and client id, for a while, and once.
#ifndef BROKER_RESUME_TICKETS_H_
#define BROKER_RESUME_TICKETS_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "broker/auth/identity.h"
#include "broker/auth/ticket_keys.h"
#include "broker/stream_heads.h"

namespace esockets::broker {

// A client whose ticket would be longer gets none.
inline constexpr size_t kTicketBytesMax = 8192;

// What became of a ticket.
enum class TicketOutcome : uint8_t {
  kTaken,
  kInvalid,  // not ours, or changed
  kExpired,
  kOtherClient,  // another client id's
  kUsed,         // before
  kRevoked,      // its user is gone, or has other credentials
};
inline constexpr size_t kTicketOutcomes = 6;
// "taken", "invalid", ... of metrics.
std::string_view TicketOutcomeText(TicketOutcome outcome);
// A sentence for the client, without a full stop.
std::string_view TicketOutcomeDetail(TicketOutcome outcome);

// How far a stream was when the client came.
struct NamedPosition {
  std::string stream;
  StreamPosition position;
  bool operator==(const NamedPosition&) const = default;
};
// Of so many a ticket tells.
inline constexpr size_t kTicketPositionsMax = 32;

// Of whom a ticket is.
struct TicketHolder {
  uint64_t serial = 0;
  std::chrono::microseconds expires_at{};  // since 1970
  Identity identity;
  std::vector<NamedPosition> was_at;
};

// Thread: any.
class ResumeTickets {
 public:
  ResumeTickets(TicketKeys keys, base::Duration lifetime)
      : keys_(std::move(keys)), lifetime_(lifetime) {}

  struct About {
    std::string_view client_id;  // as the client chose it; empty: it chose none
    const Identity& identity;
    std::vector<NamedPosition> was_at{};
  };
  // Empty: it would be too long.
  std::string Issue(const About& about, const base::Clock& clock) const;

  // What a client shows that has this client id: not yet whether it counts still.
  std::variant<TicketHolder, TicketOutcome> Open(std::string_view ticket,
                                                 std::string_view client_id,
                                                 const base::Clock& clock) const;

 private:
  const TicketKeys keys_;
  const base::Duration lifetime_;
};

}  // namespace esockets::broker

#endif  // BROKER_RESUME_TICKETS_H_
