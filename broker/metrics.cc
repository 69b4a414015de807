#include "broker/metrics.h"

namespace esockets::broker {

void Metrics::ForEach(Visitor visit) const {
  visit("clients", "", clients.value());
  visit("subscriptions", "", subscriptions.value());
  visit("connects_total", "", connects_total.value());
  visit("wills_total", "", wills_total.value());
  visit("groups", "", groups.value());
  visit("group_members", "", group_members.value());
  visit("group_recalled_messages_total", "", group_recalled_messages_total.value());
  visit("presence_topics", "", presence_topics.value());
  visit("presence_members", "", presence_members.value());
  visit("presence_changes_total", "", presence_changes_total.value());
  visit("presence_updates_total", "", presence_updates_total.value());
  visit("published_messages_total", "", published_messages_total.value());
  visit("published_bytes_total", "", published_bytes_total.value());
  visit("unmatched_messages_total", "", unmatched_messages_total.value());
  visit("delivered_messages_total", "", delivered_messages_total.value());
  visit("dropped_messages_total", "", dropped_messages_total.value());
  visit("dropped_bytes_total", "", dropped_bytes_total.value());
  visit("gaps_total", "", gaps_total.value());
  visit("encodings_total", "", encodings.value());
  visit("runs_total", "", runs.value());
  visit("forwarded_messages_total", "", forwarded_messages_total.value());
  visit("output_pauses_total", "", output_pauses_total.value());
  visit("input_pauses_total", "", input_pauses_total.value());
  visit("exchange_pauses_total", "", exchange_pauses_total.value());
  visit("interest_pauses_total", "", interest_pauses_total.value());
  visit("slow_total", "", slow_total.value());
  visit("slow_ms_total", "", slow_ms_total.value());
  visit("sheds_total", "", sheds_total.value());
  visit("memory_bytes", "", memory_bytes.value());
  visit("memory_level", "", memory_level.value());
  visit("memory_short_total", "", memory_short_total.value());
  visit("stored_messages_total", "", stored_messages_total.value());
  visit("repeated_messages_total", "", repeated_messages_total.value());
  visit("stream_read_pages_total", "", stream_read_pages_total.value());
  visit("stream_read_messages_total", "", stream_read_messages_total.value());
  for (const StreamMetrics& stream : streams) {
    visit("stream_messages", stream.name, stream.messages.value());
    visit("stream_bytes", stream.name, stream.bytes.value());
    visit("stream_memory_bytes", stream.name, stream.memory_bytes.value());
    visit("stream_last_position", stream.name, stream.last_position.value());
    visit("stream_retired_messages_total", stream.name, stream.retired_messages_total.value());
    visit("stream_readers", stream.name, stream.readers.value());
  }
  for (size_t i = 0; i < kSlowVerdicts; ++i) {
    visit("slow_clients", SlowVerdictText(static_cast<SlowVerdict>(i)), slow_clients[i].value());
  }
  for (size_t i = 0; i < kGapReasons; ++i) {
    visit("drops_total", GapReasonText(static_cast<GapReason>(i)), drops[i].value());
  }
  for (size_t i = 0; i < kTicketOutcomes; ++i) {
    visit("tickets_total", TicketOutcomeText(static_cast<TicketOutcome>(i)), tickets[i].value());
  }
  for (const ErrorInfo& info : AllErrors()) {
    visit("errors_total", info.name, errors[static_cast<uint32_t>(info.code) - 100].value());
  }
  for (const CloseInfo& info : AllCloses()) {
    visit("closes_total", info.name, closes[static_cast<uint32_t>(info.code) - 200].value());
  }
}

}  // namespace esockets::broker
