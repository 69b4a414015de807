#include "examples/telemetry/proc_text.h"

#include <charconv>
#include <numeric>
#include <utility>

namespace esockets::telemetry {
namespace {

constexpr uint64_t kSectorBytes = 512;  // of diskstats, whatever the device's are

// Takes the text up to the next of `ends` away from the front of *text.
std::string_view TakeUntil(std::string_view* text, std::string_view ends) {
  const size_t end = std::min(text->find_first_of(ends), text->size());
  const std::string_view taken = text->substr(0, end);
  text->remove_prefix(std::min(end + 1, text->size()));
  return taken;
}

std::vector<std::string_view> Words(std::string_view line) {
  std::vector<std::string_view> words;
  while (!line.empty()) {
    const std::string_view word = TakeUntil(&line, " \t");
    if (!word.empty()) words.push_back(word);
  }
  return words;
}

// Zero for what is no number.
template <typename T>
T Number(std::string_view word) {
  T number = 0;
  std::from_chars(word.data(), word.data() + word.size(), number);
  return number;
}

}  // namespace

std::vector<CpuTicks> ParseStat(std::string_view text) {
  std::vector<CpuTicks> cpus;
  while (!text.empty()) {
    const std::vector<std::string_view> words = Words(TakeUntil(&text, "\n"));
    // cpu0 user nice system idle iowait irq softirq steal; guests are within user and nice.
    if (words.size() < 5 || !words[0].starts_with("cpu")) continue;
    CpuTicks cpu;
    for (size_t i = 1; i < words.size() && i <= 8; ++i) {
      const auto ticks = Number<uint64_t>(words[i]);
      const bool idle = i == 4 || i == 5;
      cpu.total += ticks;
      if (!idle) cpu.busy += ticks;
    }
    cpus.push_back(cpu);
  }
  return cpus;
}

LoadAverages ParseLoadAverages(std::string_view text) {
  const std::vector<std::string_view> words = Words(text);
  if (words.size() < 3) return {};
  return {Number<double>(words[0]), Number<double>(words[1]), Number<double>(words[2])};
}

MemoryBytes ParseMeminfo(std::string_view text) {
  MemoryBytes memory;
  const std::pair<std::string_view, uint64_t*> fields[] = {{"MemTotal", &memory.total},
                                                           {"MemAvailable", &memory.available},
                                                           {"SwapTotal", &memory.swap_total},
                                                           {"SwapFree", &memory.swap_free}};
  while (!text.empty()) {
    std::string_view line = TakeUntil(&text, "\n");
    const std::string_view name = TakeUntil(&line, ":");
    const std::vector<std::string_view> words = Words(line);
    for (const auto& [field, bytes] : fields) {
      if (field == name && !words.empty()) *bytes = Number<uint64_t>(words[0]) * 1024;
    }
  }
  return memory;
}

std::vector<DiskCounters> ParseDiskstats(std::string_view text) {
  std::vector<DiskCounters> disks;
  while (!text.empty()) {
    // major minor name, then reads: done merged sectors ms; writes: the same; in flight, busy ms
    const std::vector<std::string_view> words = Words(TakeUntil(&text, "\n"));
    if (words.size() < 13) continue;
    disks.push_back({.name = std::string(words[2]),
                     .read_bytes = Number<uint64_t>(words[5]) * kSectorBytes,
                     .write_bytes = Number<uint64_t>(words[9]) * kSectorBytes,
                     .busy_ms = Number<uint64_t>(words[12])});
  }
  return disks;
}

std::vector<InterfaceCounters> ParseNetDev(std::string_view text) {
  std::vector<InterfaceCounters> interfaces;
  while (!text.empty()) {
    std::string_view line = TakeUntil(&text, "\n");
    if (line.find(':') == line.npos) continue;  // a heading
    const std::vector<std::string_view> name = Words(TakeUntil(&line, ":"));
    // Received: bytes and seven more; sent: bytes and more.
    const std::vector<std::string_view> words = Words(line);
    if (name.size() != 1 || words.size() < 9) continue;
    interfaces.push_back({.name = std::string(name[0]),
                          .receive_bytes = Number<uint64_t>(words[0]),
                          .send_bytes = Number<uint64_t>(words[8])});
  }
  return interfaces;
}

}  // namespace esockets::telemetry
