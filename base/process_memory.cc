#include "base/process_memory.h"

#include <malloc.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/strings.h"
#include "base/whole_file.h"

// jemalloc's, if that is the allocator.
extern "C" __attribute__((weak)) int mallctl(const char* name, void* old_value, size_t* old_bytes,
                                             void* new_value, size_t new_bytes);

namespace esockets::base {
namespace {

constexpr size_t kFileBytesMax = 64 << 10;

std::string TextOf(const std::string& path) {
  absl::StatusOr<std::string> text = ReadWholeFile(path, kFileBytesMax);
  return text.ok() ? *std::move(text) : std::string();
}

// The number that stands in front, behind spaces. Nothing: there is none ("max").
std::optional<uint64_t> NumberIn(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc() ? std::optional(number) : std::nullopt;
}

// Calls visit(line) for each.
template <typename Visitor>
void ForEachLine(std::string_view text, Visitor visit) {
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    visit(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
}

uint64_t MachineBytes(const std::string& root) {
  constexpr std::string_view kTotal = "MemTotal:";
  uint64_t bytes = 0;
  ForEachLine(TextOf(root + "/proc/meminfo"), [&](std::string_view line) {
    if (!line.starts_with(kTotal)) return;
    bytes = NumberIn(line.substr(kTotal.size())).value_or(0) * 1024;
  });
  return bytes;
}

// The limit of a group, or of one that it is in. A container sees its own group as the root, but is
// told its name outside: groups that are not there do not count.
uint64_t GroupBytes(const std::string& mount, std::string group, std::string_view file) {
  uint64_t bytes = UINT64_MAX;
  while (true) {
    const auto limit = NumberIn(TextOf(StrCat(mount, group, "/", file)));
    bytes = std::min(bytes, limit.value_or(UINT64_MAX));
    if (group.empty()) return bytes;
    group.resize(group.rfind('/'));
  }
}

// Lines like "0::/system.slice/broker.service" (version 2) and "4:cpu,memory:/docker/3f" (1).
uint64_t GroupBytesOf(const std::string& root, std::string_view line) {
  const size_t name = line.find(':');
  const size_t path = line.find(":/", name + 1);
  if (name == std::string_view::npos || path == std::string_view::npos) return UINT64_MAX;
  const std::string controllers = StrCat(",", line.substr(name + 1, path - name - 1), ",");
  std::string group(line.substr(path + 1));
  if (group == "/") group.clear();
  const std::string mount = root + "/sys/fs/cgroup";
  if (controllers == ",,") return GroupBytes(mount, std::move(group), "memory.max");
  if (controllers.find(",memory,") == std::string::npos) return UINT64_MAX;
  return GroupBytes(mount + "/memory", std::move(group), "memory.limit_in_bytes");
}

}  // namespace

uint64_t ResidentBytes() {
  const std::string text = TextOf("/proc/self/statm");  // pages: all, resident, shared, ...
  std::string_view pages = text;
  pages.remove_prefix(std::min(pages.find(' '), pages.size()));
  static const auto page_bytes = static_cast<uint64_t>(sysconf(_SC_PAGESIZE));
  return NumberIn(pages).value_or(0) * page_bytes;
}

void ReleaseFreeMemory() {
  if (mallctl != nullptr) {
    mallctl("arena.4096.purge", nullptr, nullptr, nullptr, 0);  // 4096: all of them
  } else {
    malloc_trim(0);
  }
}

uint64_t AvailableMemoryBytes(const std::string& root) {
  const uint64_t machine = MachineBytes(root);
  uint64_t bytes = machine == 0 ? UINT64_MAX : machine;
  ForEachLine(TextOf(root + "/proc/self/cgroup"),
              [&](std::string_view line) { bytes = std::min(bytes, GroupBytesOf(root, line)); });
  return bytes == UINT64_MAX ? 0 : bytes;
}

}  // namespace esockets::base
