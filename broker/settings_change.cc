#include "broker/settings_change.h"

#include <utility>

#include "broker/session.h"

namespace esockets::broker {

void ReplaceSettings(Shard* shard, Settings settings) {
  shard->Replace(std::move(settings));
  // A session may end meanwhile; it dies after the turn.
  for (Session* const session : shard->clients.All()) session->OnSettingsReplaced();
}

}  // namespace esockets::broker
