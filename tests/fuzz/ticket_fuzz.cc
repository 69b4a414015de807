// Whatever a client shows as a ticket: none that the broker did not give is taken, and one that was
// signed holds what was said, whatever its content. A first byte that is odd signs the rest, so
// that what lies behind the signature is read, too.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "broker/auth/ticket_keys.h"
#include "broker/resume_tickets.h"
#include "tests/fuzz/expect.h"

namespace esockets::broker {
namespace {

const TicketKeys& Keys() {
  static const auto keys = TicketKeys::Parse(std::string(2 * TicketKeys::kKeyBytes, 'a'));
  return *keys;
}

void Check(std::string_view ticket, bool is_signed) {
  static const base::SystemClock clock;
  static const ResumeTickets tickets(Keys(), std::chrono::hours(1));
  const auto opened = tickets.Open(ticket, "phone", clock);
  const auto* holder = std::get_if<TicketHolder>(&opened);
  if (holder == nullptr) return;
  tests::Expect(is_signed, "a ticket that nobody signed was taken");
  const std::string again = tickets.Issue(
      {.client_id = "phone", .identity = holder->identity, .was_at = holder->was_at}, clock);
  const auto reopened = tickets.Open(again, "phone", clock);
  // It may be too long with a number of its own, or its identity may end meanwhile.
  const auto* same = std::get_if<TicketHolder>(&reopened);
  if (same == nullptr) return;
  tests::Expect(same->identity == holder->identity, "another identity");
  tests::Expect(holder->was_at.size() > kTicketPositionsMax || same->was_at == holder->was_at,
                "other positions");
}

void CheckInput(std::string_view text, bool is_signed) {
  std::string ticket(text);
  if (is_signed) ticket += Keys().Sign(text);
  Check(ticket, is_signed);
}

}  // namespace
}  // namespace esockets::broker

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const bool is_signed = (data[0] & 1) != 0;
  esockets::broker::CheckInput(text, is_signed);
  return 0;
}
