// The memory of this process: what it has, and what it may have.
#ifndef BASE_PROCESS_MEMORY_H_
#define BASE_PROCESS_MEMORY_H_

#include <cstdint>
#include <string>

namespace esockets::base {

// What the process has of the machine's memory, as the system counts it. 0: it does not say.
// Thread: any; costs three system calls.
uint64_t ResidentBytes();

// Gives back what the allocator keeps for later. Thread: any, but for a loop: it takes time.
void ReleaseFreeMemory();

// What the process may have: the machine's memory or, if that is less, what its control groups
// (cgroups, version 1 or 2) have: those of a container or of a systemd unit. 0: nobody says.
// `root`: the folder that has proc and sys.
uint64_t AvailableMemoryBytes(const std::string& root = "/");

}  // namespace esockets::base

#endif  // BASE_PROCESS_MEMORY_H_
