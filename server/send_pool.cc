#include "server/send_pool.h"

#include <utility>

#include "server/limits.h"

namespace esockets::server {

SendPool::SendPool() : gather_buffer_(std::make_unique<char[]>(kGatherBytesMax)) {}

std::unique_ptr<SpanRing> SendPool::TakeRing() {
  if (rings_.empty()) return std::make_unique<SpanRing>();
  std::unique_ptr<SpanRing> ring = std::move(rings_.back());
  rings_.pop_back();
  slots_ -= ring->capacity();
  return ring;
}

void SendPool::ReturnRing(std::unique_ptr<SpanRing> ring) {
  if (slots_ + ring->capacity() > kPooledSpansMax) return;
  slots_ += ring->capacity();
  rings_.push_back(std::move(ring));
}

}  // namespace esockets::server
