// One system call for several pieces of bytes.
#ifndef SERVER_GATHERED_SEND_H_
#define SERVER_GATHERED_SEND_H_

#include <sys/types.h>
#include <sys/uio.h>

#include <cstddef>
#include <span>
#include <string_view>

#include "server/limits.h"
#include "server/send_pool.h"
#include "server/socket_api.h"

namespace esockets::server {

// The calls for writing do not write through it.
inline iovec ToVector(std::string_view bytes) {
  return {const_cast<char*>(bytes.data()), bytes.size()};
}

// Small pieces are copied together: one send of contiguous bytes is cheaper than the kernel's walk
// over many short iovecs.
constexpr bool IsBetterGathered(size_t pieces, size_t bytes) {
  return bytes <= pieces * kGatherSpanBytesMax && bytes <= kGatherBytesMax;
}

// Offers all of the pieces, at most kSpansPerSendMax, to the kernel. Returns how many bytes it
// took, or minus errno. Thread: the pool's loop.
ssize_t SendGathered(std::span<iovec> pieces, int fd, SocketApi& api, SendPool& pool);

}  // namespace esockets::server

#endif  // SERVER_GATHERED_SEND_H_
