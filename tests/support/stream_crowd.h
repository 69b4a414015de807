// A process with thousands of readers of one stream, each begun at a position of its own: of both
// ends in one process only half as many would find room. They read only when they are told to.
#ifndef TESTS_SUPPORT_STREAM_CROWD_H_
#define TESTS_SUPPORT_STREAM_CROWD_H_

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "server/unique_fd.h"

namespace esockets::tests {

class StreamCrowd {
 public:
  // REQUIRES: this process has no other thread yet; and only a few open descriptors, which the
  // other process keeps too.
  StreamCrowd();
  StreamCrowd(const StreamCrowd&) = delete;
  StreamCrowd& operator=(const StreamCrowd&) = delete;
  ~StreamCrowd();

  // Each returns when it is done, with what was wrong; empty: nothing.

  // Connects so many readers of `filter` under REPLAY. They begin behind positions 0 to `last`, one
  // after the other, again and again. Returns when each was told where it begins.
  std::string Begin(std::string_view broker, std::string_view filter, size_t readers,
                    uint64_t epoch, uint64_t last);

  // Each reads up to this position: every message once, in order, and nothing else. Its payload
  // begins with its position.
  std::string ReadTo(uint64_t position);

  // Asks for each reader whether there is anything else to be read.
  std::string ExpectNothingMore();

 private:
  std::string Ask(const std::string& command);

  server::UniqueFd channel_;
  pid_t process_ = -1;
};

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_STREAM_CROWD_H_
