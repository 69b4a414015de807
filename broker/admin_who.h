// The fields that say who a client is, which several messages of proto/admin.proto have.
#ifndef BROKER_ADMIN_WHO_H_
#define BROKER_ADMIN_WHO_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "broker/session.h"
#include "broker/session_sink.h"

namespace esockets::broker {

struct Who {
  uint64_t session_id;
  std::string_view client_id;
  std::string_view name;
  std::string_view user;
};

inline Who WhoIs(const Session& session) {
  return {session.id(), session.client_id(), session.about().name, session.identity().user};
}

// `Client`: admin::Client, SlowClient or ClosedClient.
template <typename Client>
void FillWho(const Who& who, const SinkView& sink, Client* client) {
  client->set_session_id(who.session_id);
  client->set_client_id(std::string(who.client_id));
  client->set_name(std::string(who.name));
  client->set_user(std::string(who.user));
  client->set_address(sink.address);
  client->set_transport(std::string(sink.transport));
}

}  // namespace esockets::broker

#endif  // BROKER_ADMIN_WHO_H_
