#include "server/send_pool.h"

#include <memory>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "server/frame_arena.h"
#include "server/limits.h"

namespace esockets::server {
namespace {

std::unique_ptr<SpanRing> Grown(std::unique_ptr<SpanRing> ring, size_t spans) {
  FrameArena arena;
  for (size_t i = 0; i < spans; ++i) ring->PushBack(arena.Write("x"));
  ring->Clear();
  return ring;
}

TEST(SendPool, GivesTheWarmOneBack) {
  SendPool pool;
  std::unique_ptr<SpanRing> ring = Grown(pool.TakeRing(), 1000);
  const SpanRing* const warm = ring.get();
  pool.ReturnRing(std::move(ring));
  ring = pool.TakeRing();
  EXPECT_EQ(ring.get(), warm);
  EXPECT_GE(ring->capacity(), 999u);
}

TEST(SendPool, KeepsNoMoreThanItsLimit) {
  SendPool pool;
  std::vector<std::unique_ptr<SpanRing>> rings;
  const size_t each = kPooledSpansMax / 4;
  for (int i = 0; i < 6; ++i) rings.push_back(Grown(pool.TakeRing(), each));
  for (auto& ring : rings) pool.ReturnRing(std::move(ring));
  size_t kept = 0;
  for (int i = 0; i < 6; ++i) kept += pool.TakeRing()->capacity();
  EXPECT_EQ(kept, kPooledSpansMax);
}

TEST(SendPool, HasABufferToGatherIn) {
  SendPool pool;
  pool.gather_buffer()[0] = 'a';
  pool.gather_buffer()[kGatherBytesMax - 1] = 'z';
  EXPECT_EQ(pool.gather_buffer()[0], 'a');
}

}  // namespace
}  // namespace esockets::server
