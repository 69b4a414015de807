#include "examples/telemetry/sampler.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <utility>

#include "base/strings.h"

namespace esockets::telemetry {
namespace {

// Counters can go backwards: a device that was taken out and came back begins anew.
double Increase(uint64_t before, uint64_t now) {
  return now > before ? static_cast<double>(now - before) : 0;
}

double Rate(uint64_t before, uint64_t now, double seconds) {
  return seconds > 0 ? Increase(before, now) / seconds : 0;
}

double Percent(double part, double whole) {
  return whole > 0 ? std::clamp(100 * part / whole, 0.0, 100.0) : 0;
}

double BusyPercent(const CpuTicks& before, const CpuTicks& now) {
  return Percent(Increase(before.busy, now.busy), Increase(before.total, now.total));
}

double Seconds(base::Duration duration) { return std::chrono::duration<double>(duration).count(); }

}  // namespace

Sampler::Sampler(const base::Clock* clock, std::string root)
    : clock_(clock), root_(std::move(root)), last_(ReadCounters()) {}

std::string Sampler::Read(std::string_view path) const {
  std::ifstream file(base::StrCat(root_, path));
  return {std::istreambuf_iterator<char>(file), {}};
}

bool Sampler::IsDevice(const std::string& disk) const {
  return std::filesystem::exists(base::StrCat(root_, "/sys/block/", disk, "/device"));
}

bool Sampler::IsUp(const std::string& interface) const {
  // Tunnels do not know whether they are.
  const std::string state = Read(base::StrCat("/sys/class/net/", interface, "/operstate"));
  return interface != "lo" && (state.starts_with("up") || state.starts_with("unknown"));
}

Sampler::Counters Sampler::ReadCounters() const {
  Counters counters{.time = clock_->Now(), .cpus = ParseStat(Read("/proc/stat"))};
  for (DiskCounters& disk : ParseDiskstats(Read("/proc/diskstats"))) {
    if (IsDevice(disk.name)) counters.disks[disk.name] = disk;
  }
  for (InterfaceCounters& interface : ParseNetDev(Read("/proc/net/dev"))) {
    if (IsUp(interface.name)) counters.interfaces[interface.name] = interface;
  }
  return counters;
}

Sample Sampler::Next() {
  const Counters before = std::exchange(last_, ReadCounters());
  Sample sample{.cpu = CpuSince(before),
                .memory = ReadMemory(),
                .disk = DiskSince(before),
                .network = NetworkSince(before)};
  const auto time_us = static_cast<uint64_t>(clock_->WallMicros());
  sample.cpu.set_time_us(time_us);
  sample.memory.set_time_us(time_us);
  sample.disk.set_time_us(time_us);
  sample.network.set_time_us(time_us);
  return sample;
}

Cpu Sampler::CpuSince(const Counters& before) const {
  Cpu cpu;
  for (size_t i = 0; i < std::min(before.cpus.size(), last_.cpus.size()); ++i) {
    const double busy_percent = BusyPercent(before.cpus[i], last_.cpus[i]);
    if (i == 0) {
      cpu.set_busy_percent(busy_percent);
    } else {
      cpu.add_core_busy_percent(busy_percent);
    }
  }
  const LoadAverages load = ParseLoadAverages(Read("/proc/loadavg"));
  cpu.set_load_1m(load.minutes_1);
  cpu.set_load_5m(load.minutes_5);
  cpu.set_load_15m(load.minutes_15);
  return cpu;
}

Memory Sampler::ReadMemory() const {
  const MemoryBytes bytes = ParseMeminfo(Read("/proc/meminfo"));
  Memory memory;
  memory.set_total_bytes(bytes.total);
  memory.set_available_bytes(bytes.available);
  memory.set_swap_total_bytes(bytes.swap_total);
  memory.set_swap_used_bytes(bytes.swap_total - std::min(bytes.swap_free, bytes.swap_total));
  return memory;
}

Disk Sampler::DiskSince(const Counters& before) const {
  const double seconds = Seconds(last_.time - before.time);
  Disk disk;
  for (const auto& [name, now] : last_.disks) {
    const auto then = before.disks.find(name);
    if (then == before.disks.end()) continue;
    DiskDevice* device = disk.add_devices();
    device->set_name(name);
    device->set_read_bytes_rate(Rate(then->second.read_bytes, now.read_bytes, seconds));
    device->set_write_bytes_rate(Rate(then->second.write_bytes, now.write_bytes, seconds));
    device->set_busy_percent(Percent(Increase(then->second.busy_ms, now.busy_ms), seconds * 1000));
  }
  return disk;
}

Network Sampler::NetworkSince(const Counters& before) const {
  const double seconds = Seconds(last_.time - before.time);
  Network network;
  for (const auto& [name, now] : last_.interfaces) {
    const auto then = before.interfaces.find(name);
    if (then == before.interfaces.end()) continue;
    NetworkInterface* interface = network.add_interfaces();
    interface->set_name(name);
    interface->set_receive_bytes_rate(Rate(then->second.receive_bytes, now.receive_bytes, seconds));
    interface->set_send_bytes_rate(Rate(then->second.send_bytes, now.send_bytes, seconds));
  }
  return network;
}

}  // namespace esockets::telemetry
