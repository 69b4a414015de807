#include "clients/cli/slow_tables.h"

#include "base/strings.h"
#include "clients/cli/admin_tables.h"
#include "clients/cli/format.h"
#include "clients/cli/table.h"

namespace esockets::cli {
namespace {

using base::StrCat;

// docs/OPERATIONS.md says what helps.
constexpr struct {
  std::string_view verdict;
  std::string_view text;
} kVerdicts[] = {
    {"reader", "the client does not read as fast as its messages come"},
    {"network", "bytes are lost on the way, or it is very long"},
    {"rate_limit", "it is sent as much in a second as its limits allow"},
    {"bandwidth", "the way is busy and in order: it is too narrow for so much"},
    {"broker", "the socket takes more, and the loop does not get to it"},
    {"unknown", "not looked at for long enough, or nothing stands out"},
    {kCaughtUp, "nothing waits for it any more"},
};

uint64_t DroppedMessages(const admin::SlowClient& client) {
  uint64_t messages = 0;
  for (const admin::Drops& drops : client.drops()) messages += drops.messages();
  return messages;
}

// Of what is over, or was not.
std::string Since(uint64_t millis) { return millis == 0 ? "-" : Elapsed(millis); }

std::string InAll(const admin::SlowClient& client) {
  return StrCat(Elapsed(client.slow_ms_total()), " in all, ", client.slow_total(),
                client.slow_total() == 1 ? " time" : " times");
}

std::string Backlog(const admin::SlowClient& client) {
  return StrCat(client.backlog_messages(), " messages, ", client.backlog_bytes(), " bytes");
}

std::string Verdict(const admin::SlowClient& client) {
  const std::string_view text = VerdictText(client.verdict());
  return text.empty() ? client.verdict() : StrCat(client.verdict(), ": ", text);
}

std::string DropsTable(const admin::SlowClient& client) {
  Table table({"LOST>", "REASON", "FILTER"});
  for (const admin::Drops& drops : client.drops()) {
    table.Add({std::to_string(drops.messages()), drops.reason(), Escape(drops.filter())});
  }
  return table.ToString();
}

std::string EvidenceText(const admin::Evidence& evidence) {
  return FieldLines(
      {{"evidence", Escape(evidence.text())},
       {"looked for", StrCat(evidence.window_ms(), " ms")},
       {"had to send", StrCat(evidence.busy_percent(), " % of it")},
       {"window closed", StrCat(evidence.receive_window_percent(), " % of it")},
       {"acknowledged", StrCat(evidence.acked_bytes(), " bytes")},
       {"segments", StrCat(evidence.segments(), ", sent again ", evidence.retransmits())},
       {"round trip", StrCat(evidence.rtt_us(), " us, shortest ", evidence.rtt_min_us(), " us")},
       {"loop late", StrCat(evidence.loop_lag_us(), " us")}});
}

}  // namespace

std::string SlowTable(const admin::Slow& slow) {
  if (slow.clients().empty()) return "no client is slow\n";
  Table table({"CLIENT", "NAME", "ADDRESS", "OLDEST>", "BACKLOG>", "QUEUE>", "KERNEL>", "SLOW FOR>",
               "DROPPED>", "VERDICT", "EVIDENCE"});
  for (const admin::SlowClient& client : slow.clients()) {
    table.Add({Escape(client.client_id()), Escape(client.name()), client.address(),
               Since(client.oldest_ms()), Short(client.backlog_messages()),
               Short(client.send_queue_bytes()), Short(client.kernel_unacked_bytes()),
               Since(client.slow_ms()), Short(DroppedMessages(client)), client.verdict(),
               Escape(client.evidence().text())});
  }
  return table.ToString();
}

std::string SlowText(const admin::SlowClient& client) {
  std::string text =
      FieldLines({{"client", Escape(client.client_id())},
                  {"session", std::to_string(client.session_id())},
                  {"name", Escape(client.name())},
                  {"user", Escape(client.user())},
                  {"address", StrCat(client.address(), ", ", client.transport())},
                  {"verdict", Verdict(client)},
                  {"behind", client.behind() ? "yes: its contracts apply" : "no"},
                  {"oldest byte", Elapsed(client.oldest_ms())},
                  {"backlog", Backlog(client)},
                  {"send queue", StrCat(client.send_queue_bytes(), " bytes")},
                  {"kernel", StrCat(client.kernel_unacked_bytes(), " bytes not acknowledged, ",
                                    client.kernel_unsent_bytes(), " of them not sent")},
                  {"slow for", StrCat(Since(client.slow_ms()), "; ", InAll(client))}});
  if (client.has_evidence()) base::StrAppend(&text, "\n", EvidenceText(client.evidence()));
  if (!client.drops().empty()) base::StrAppend(&text, "\n", DropsTable(client));
  return text;
}

std::string SlowLine(const admin::SlowClient& client, int64_t time_us) {
  const std::string start =
      StrCat(FormatTime(time_us), "  ", Escape(client.client_id()), "  ", client.verdict());
  if (client.verdict() == kCaughtUp) {
    return StrCat(start, "  was slow for ", InAll(client), ", dropped ", DroppedMessages(client),
                  "\n");
  }
  return StrCat(start, "  oldest ", Elapsed(client.oldest_ms()), "  backlog ", Backlog(client),
                "  dropped ", DroppedMessages(client), "  ", Escape(client.evidence().text()),
                "\n");
}

std::string_view VerdictText(std::string_view verdict) {
  for (const auto& known : kVerdicts) {
    if (known.verdict == verdict) return known.text;
  }
  return {};
}

}  // namespace esockets::cli
