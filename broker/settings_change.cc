#include "broker/settings_change.h"

#include <utility>
#include <vector>

#include "broker/session.h"

namespace esockets::broker {

void ReplaceSettings(Shard* shard, Settings settings) {
  shard->Replace(std::move(settings));
  // A session may end meanwhile; it dies after the turn.
  const auto& all = shard->clients.sessions();
  const std::vector<Session*> sessions(all.begin(), all.end());
  for (Session* const session : sessions) session->OnSettingsReplaced();
}

}  // namespace esockets::broker
