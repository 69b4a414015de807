#include "clients/cli/closed_tables.h"

#include <charconv>
#include <cstdint>

#include "absl/strings/str_format.h"
#include "base/strings.h"
#include "clients/cli/admin_tables.h"
#include "clients/cli/format.h"
#include "clients/cli/table.h"

namespace esockets::cli {
namespace {

using base::StrCat;

constexpr double kMicrosPerSecond = 1e6;

std::string Time(uint64_t time_us) { return FormatTime(static_cast<int64_t>(time_us)); }

std::string FlightTable(const admin::ClosedClient& client) {
  Table table({"TIME>", "KIND", "MESSAGES>", "BYTES>", "QUEUE>", "TOPIC"});
  for (const admin::FlightEntry& entry : client.flight()) {
    const double seconds =
        (static_cast<double>(entry.time_us()) - static_cast<double>(client.closed_us())) /
        kMicrosPerSecond;
    table.Add({absl::StrFormat("%+.3fs", seconds), entry.kind(), Short(entry.messages()),
               Short(entry.bytes()), Short(entry.queue_bytes()), Escape(entry.topic())});
  }
  return table.ToString();
}

}  // namespace

admin::ClosedRequest ClosedRequestOf(std::string_view id) {
  admin::ClosedRequest request;
  uint64_t session_id = 0;
  const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), session_id);
  if (error == std::errc() && end == id.data() + id.size() && session_id != 0) {
    request.set_session_id(session_id);
  } else {
    request.set_client_id(std::string(id));
  }
  return request;
}

std::string ClosedTable(const admin::Closed& closed) {
  if (closed.clients().empty()) return "no connection has ended\n";
  Table table({"CLIENT", "SESSION>", "CLOSED", "AFTER>", "CODE>", "REASON", "LOST>", "DETAIL"});
  for (const admin::ClosedClient& client : closed.clients()) {
    table.Add({Escape(client.client_id()), std::to_string(client.session_id()),
               Time(client.closed_us()), Elapsed(client.connected_ms()),
               std::to_string(client.code()), client.reason(),
               Short(client.dropped_messages_total()), Escape(client.detail())});
  }
  return table.ToString();
}

std::string ClosedText(const admin::ClosedClient& client) {
  std::string text = FieldLines(
      {{"client", Escape(client.client_id())},
       {"session", std::to_string(client.session_id())},
       {"name", Escape(client.name())},
       {"user", Escape(client.user())},
       {"address", StrCat(client.address(), ", ", client.transport())},
       {"closed", Time(client.closed_us())},
       {"after", Elapsed(client.connected_ms())},
       {"code", StrCat(client.code(), " ", client.reason(), ": ", client.text())},
       {"detail", Escape(client.detail())},
       {"advice", client.advice()},
       {"oldest byte", Elapsed(client.oldest_ms())},
       {"backlog",
        StrCat(client.backlog_messages(), " messages, ", client.backlog_bytes(), " bytes")},
       {"send queue", StrCat(client.send_queue_bytes(), " bytes")},
       {"kernel", StrCat(client.kernel_unsent_bytes(), " bytes not sent")},
       {"published",
        StrCat(client.messages_in_total(), " messages, ", client.bytes_in_total(), " bytes")},
       {"delivered",
        StrCat(client.messages_out_total(), " messages, ", client.bytes_out_total(), " bytes")},
       {"lost", StrCat(client.dropped_messages_total(), " messages")}});
  if (!client.flight().empty()) base::StrAppend(&text, "\n", FlightTable(client));
  return text;
}

}  // namespace esockets::cli
