// A client id in use, with its session. The home loop of the id owns it; the session reads the text
// there instead of keeping a copy.
#ifndef BROKER_CLIENT_ID_ENTRY_H_
#define BROKER_CLIENT_ID_ENTRY_H_

#include <cstdint>
#include <string_view>

#include "base/strings.h"
#include "broker/text_object.h"

namespace esockets::broker {

// Lives from the grant to the session until the session has released it. The text never changes,
// so that the session may read it on its loop; the other members are the home's alone.
struct ClientIdEntry final : TextObject<ClientIdEntry> {
  using KeyHash = base::StringHash;

  ClientIdEntry(uint32_t owner_loop, uint64_t owner_session)
      : loop(owner_loop), session(owner_session) {}

  std::string_view key() const { return text(); }

  uint32_t loop;
  uint64_t session;
};

}  // namespace esockets::broker

#endif  // BROKER_CLIENT_ID_ENTRY_H_
