#include "tests/support/allocations.h"

#include <malloc.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>

namespace esockets::tests {
namespace {

constexpr int64_t kHeaderBytes = 8;  // of glibc, before each block

std::atomic<uint64_t> allocations;
thread_local uint64_t allocations_of_this_thread;
std::atomic<int64_t> live_allocations;
std::atomic<int64_t> live_bytes;

int64_t Size(void* memory) {
  return static_cast<int64_t>(malloc_usable_size(memory)) + kHeaderBytes;
}

void* Count(void* memory) {
  if (memory == nullptr) std::abort();
  allocations.fetch_add(1, std::memory_order_relaxed);
  ++allocations_of_this_thread;
  live_allocations.fetch_add(1, std::memory_order_relaxed);
  live_bytes.fetch_add(Size(memory), std::memory_order_relaxed);
  return memory;
}

void Release(void* memory) {
  if (memory == nullptr) return;
  live_allocations.fetch_sub(1, std::memory_order_relaxed);
  live_bytes.fetch_sub(Size(memory), std::memory_order_relaxed);
  std::free(memory);
}

}  // namespace

uint64_t Allocations() { return allocations.load(std::memory_order_relaxed); }
uint64_t AllocationsOfThisThread() { return allocations_of_this_thread; }
int64_t LiveAllocations() { return live_allocations.load(std::memory_order_relaxed); }
int64_t LiveBytes() { return live_bytes.load(std::memory_order_relaxed); }

}  // namespace esockets::tests

// The replaceable forms: the others, of arrays and nothrow, call these.
void* operator new(size_t size) { return esockets::tests::Count(std::malloc(size)); }
void* operator new(size_t size, std::align_val_t alignment) {
  const auto align = static_cast<size_t>(alignment);
  return esockets::tests::Count(std::aligned_alloc(align, (size + align - 1) / align * align));
}
void operator delete(void* memory) noexcept { esockets::tests::Release(memory); }
void operator delete(void* memory, size_t) noexcept { esockets::tests::Release(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { esockets::tests::Release(memory); }
void operator delete(void* memory, size_t, std::align_val_t) noexcept {
  esockets::tests::Release(memory);
}
