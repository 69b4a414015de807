// What the send queues of a loop share: rings at rest, and the buffer that small spans are gathered
// in. Thread: the loop.
#ifndef SERVER_SEND_POOL_H_
#define SERVER_SEND_POOL_H_

#include <cstddef>
#include <memory>
#include <vector>

#include "server/span_ring.h"

namespace esockets::server {

class SendPool {
 public:
  SendPool();

  std::unique_ptr<SpanRing> TakeRing();
  // REQUIRES: it is empty.
  void ReturnRing(std::unique_ptr<SpanRing> ring);

  // kGatherBytesMax
  char* gather_buffer() { return gather_buffer_.get(); }

 private:
  std::vector<std::unique_ptr<SpanRing>> rings_;
  size_t slots_ = 0;  // of the rings
  std::unique_ptr<char[]> gather_buffer_;
};

}  // namespace esockets::server

#endif  // SERVER_SEND_POOL_H_
