#include "server/gathered_send.h"

#include <cstring>

namespace esockets::server {

ssize_t SendGathered(std::span<iovec> pieces, int fd, SocketApi& api, SendPool& pool) {
  size_t bytes = 0;
  for (const iovec& piece : pieces) bytes += piece.iov_len;
  if (!IsBetterGathered(pieces.size(), bytes)) {
    return api.SendVector(fd, pieces.data(), pieces.size());
  }
  char* out = pool.gather_buffer();
  for (const iovec& piece : pieces) {
    std::memcpy(out, piece.iov_base, piece.iov_len);
    out += piece.iov_len;
  }
  return api.Send(fd, pool.gather_buffer(), bytes);
}

}  // namespace esockets::server
