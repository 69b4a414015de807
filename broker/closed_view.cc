#include "broker/closed_view.h"

#include <cstdint>
#include <string>
#include <utility>

#include "broker/admin_page.h"
#include "broker/admin_who.h"
#include "broker/errors.h"

namespace esockets::broker {
namespace {

using base::Millis;

void FillEnd(const PastSession& past, admin::ClosedClient* client) {
  const CloseInfo& info = Info(past.code);
  client->set_closed_us(static_cast<uint64_t>(past.ended_us));
  client->set_connected_ms(Millis(past.connected));
  client->set_code(static_cast<uint32_t>(past.code));
  client->set_reason(std::string(info.name));
  client->set_text(std::string(info.text));
  client->set_detail(past.detail);
  client->set_advice(std::string(info.advice));
}

void FillFigures(const PastSession& past, admin::ClosedClient* client) {
  client->set_oldest_ms(Millis(past.oldest));
  client->set_backlog_messages(past.backlog_messages);
  client->set_backlog_bytes(past.backlog_bytes);
  client->set_send_queue_bytes(past.sink.send_queue_bytes);
  client->set_kernel_unsent_bytes(past.sink.kernel_unsent_bytes);
  client->set_messages_in_total(past.messages_in_total);
  client->set_bytes_in_total(past.sink.bytes_in_total);
  client->set_messages_out_total(past.messages_out_total);
  client->set_bytes_out_total(past.sink.bytes_out_total);
  client->set_dropped_messages_total(past.dropped_messages_total);
}

void FillFlight(const PastSession& past, admin::ClosedClient* client) {
  for (const FlightStep& step : past.flight) {
    admin::FlightEntry& entry = *client->add_flight();
    entry.set_time_us(static_cast<uint64_t>(past.ended_us) - base::Micros(past.ended - step.time));
    entry.set_kind(std::string(FlightKindText(step.kind())));
    entry.set_topic(std::string(step.topic()));
    entry.set_messages(step.messages);
    entry.set_bytes(step.bytes);
    entry.set_queue_bytes(step.queue_bytes);
  }
}

bool IsAskedFor(const PastSession& past, const admin::ClosedRequest& request) {
  return (request.session_id() == 0 || request.session_id() == past.session_id) &&
         (request.client_id().empty() || request.client_id() == past.client_id);
}

}  // namespace

admin::Closed ClosedClients(const PastSessions& past, const admin::ClosedRequest& request,
                            const Limits& limits) {
  const bool of_one = request.session_id() != 0 || !request.client_id().empty();
  admin::Closed reply;
  AdminPage page(limits, request.limit());
  for (auto one = past.sessions().rbegin(); one != past.sessions().rend(); ++one) {
    if (!IsAskedFor(*one, request)) continue;
    admin::ClosedClient client;
    FillWho({one->session_id, one->client_id, one->name, one->user}, one->sink, &client);
    FillEnd(*one, &client);
    FillFigures(*one, &client);
    if (of_one) FillFlight(*one, &client);
    reply.set_more(!page.Take(client));
    if (reply.more()) break;
    *reply.add_clients() = std::move(client);
  }
  return reply;
}

}  // namespace esockets::broker
