// Counts what a test binary that links this allocates with operator new.
#ifndef TESTS_SUPPORT_ALLOCATIONS_H_
#define TESTS_SUPPORT_ALLOCATIONS_H_

#include <cstdint>

namespace esockets::tests {

// Calls of operator new so far, by all threads; only ever grows.
uint64_t Allocations();

// Of the calling thread alone.
uint64_t AllocationsOfThisThread();

// Allocations now live, and the bytes that malloc keeps for them, its own header included.
int64_t LiveAllocations();
int64_t LiveBytes();

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_ALLOCATIONS_H_
