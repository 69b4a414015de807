// What a connection needs only when it is timed, at its end, or in the middle of a message.
#ifndef SERVER_CONNECTION_RARE_H_
#define SERVER_CONNECTION_RARE_H_

#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/executor.h"
#include "server/connection_settings.h"

namespace esockets::server {

struct ConnectionRare {
  std::string tail;                               // unfinished input
  CloseMode close_mode = CloseMode::kAfterFlush;  // when it is ending
  base::TimePoint last_input{};                   // these two with an idle timeout
  base::TimePoint paused_since{};
  uint64_t bytes_out_seen = 0;  // by WatchEnding, to see progress
  base::TimerId timer;          // idle while open, linger when ending
};

}  // namespace esockets::server

#endif  // SERVER_CONNECTION_RARE_H_
