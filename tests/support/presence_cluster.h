// A broker with presence of "room/+", on one loop, two and four, and clients that come and go.
#ifndef TESTS_SUPPORT_PRESENCE_CLUSTER_H_
#define TESTS_SUPPORT_PRESENCE_CLUSTER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/strings.h"
#include "broker/presence_rules.h"
#include "proto/esockets.pb.h"
#include "proto/presence.pb.h"
#include "tests/support/cluster_test.h"
#include "tests/support/presence_lines.h"
#include "tests/support/pretend_on_loop.h"
#include "tests/support/sim_client.h"

namespace esockets::tests {

inline constexpr std::string_view kRoom = "room/1";
inline constexpr std::string_view kRoomPresence = "$presence/room/1";

class PresenceCluster : public ClusterTest {
 protected:
  static constexpr base::Duration kWindow = std::chrono::seconds(1);
  static constexpr base::Duration kGrace = std::chrono::seconds(10);

  PresenceCluster() { settings_.presence = {{.filter = "room/+"}}; }

  void Settle() {
    for (int turn = 0; turn < settling_turns_; ++turn) Turn();
  }

  // Who is told of the room, and is not on it.
  std::unique_ptr<SimClient> Watch() {
    auto watcher = Join("watcher");
    PretendOnLoop();
    watcher->Subscribe(kRoomPresence);
    Settle();
    watcher->Lines();
    return watcher;
  }
  // On the room.
  std::unique_ptr<SimClient> Enter(std::string_view client_id) {
    auto client = Join(client_id);
    PretendOnLoop();
    client->Subscribe(kRoom);
    Settle();
    return client;
  }
  void Break(std::unique_ptr<SimClient>* client) {
    PretendOnLoop();
    (*client)->Vanish();
    client->reset();
    Settle();
  }
  void PassAndSettle(base::Duration time) {
    Settle();
    Pass(time);
    Settle();
  }

  static std::vector<PresenceUpdate> UpdatesOf(const std::vector<ServerFrame>& frames) {
    std::vector<PresenceUpdate> updates;
    for (const ServerFrame& frame : frames) {
      if (!frame.has_message() || frame.message().topic() != kRoomPresence) continue;
      updates.emplace_back().ParseFromString(frame.message().payload());
    }
    return updates;
  }
  static Lines UpdateLines(SimClient& client) {
    Lines lines;
    for (const auto& update : UpdatesOf(client.sink.TakeFrames())) lines.push_back(LineOf(update));
    return lines;
  }
  // After the window.
  Lines NextUpdates(SimClient& client) {
    PassAndSettle(kWindow);
    return UpdateLines(client);
  }

  static void AskRoster(SimClient& client, uint32_t limit, std::string_view after = "") {
    PretendOnLoop();
    PresenceRequest request;
    request.set_limit(limit);
    request.set_after(std::string(after));
    client.Publish(kRoomPresence, request.SerializeAsString(), {.reply_to = "roster"});
  }
  PresenceRoster Roster(SimClient& client, uint32_t limit, std::string_view after = "") {
    AskRoster(client, limit, after);
    Settle();
    PresenceRoster roster;
    for (const ServerFrame& frame : client.sink.TakeFrames()) {
      if (frame.message().topic() == "roster") roster.ParseFromString(frame.message().payload());
    }
    return roster;
  }
  std::string RosterLine(SimClient& client, uint32_t limit, std::string_view after = "") {
    return LineOf(Roster(client, limit, after));
  }

  // Fewer are enough, and with thousands of clients each takes its time.
  int settling_turns_ = 20;

  // Of all loops.
  struct Kept {
    size_t sessions = 0, waiting = 0, on_their_way = 0, topics = 0, members = 0;
    bool operator==(const Kept&) const = default;
  };
  Kept KeptNow() {
    Kept kept;
    ForEachLoop([&](const broker::Shard& shard) {
      kept.sessions += shard.presence.reports().sessions();
      kept.waiting += shard.presence.reports().waiting();
      kept.on_their_way += shard.presence.reports().on_their_way();
      kept.topics += shard.presence.home().topics();
      kept.members += shard.presence.home().members();
    });
    return kept;
  }
};

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_PRESENCE_CLUSTER_H_
