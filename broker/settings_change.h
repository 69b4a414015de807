// New settings for a loop and all its sessions.
#ifndef BROKER_SETTINGS_CHANGE_H_
#define BROKER_SETTINGS_CHANGE_H_

#include "base/on_loop.h"
#include "broker/shard.h"

namespace esockets::broker {

// What is no longer permitted ends at once. Thread: the loop.
void ReplaceSettings(Shard* shard, Settings settings) ESOCKETS_ON_LOOP;

}  // namespace esockets::broker

#endif  // BROKER_SETTINGS_CHANGE_H_
