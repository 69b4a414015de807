#include "examples/telemetry/screen.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <utility>

#include "base/strings.h"

namespace esockets::telemetry {
namespace {

using base::StrCat;

constexpr base::Duration kSilentAfter = std::chrono::seconds(5);
constexpr std::string_view kBold = "\033[1m", kDim = "\033[2m", kGreen = "\033[32m",
                           kYellow = "\033[33m", kRed = "\033[31m", kCyan = "\033[36m",
                           kPlain = "\033[0m", kEndOfLine = "\033[K\n";
constexpr int kBarWidth = 10;

std::string Fixed(double number, int decimals) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.*f", decimals, number);
  return text;
}

// `text` of ASCII characters in `width` columns; to the right if it is negative.
std::string Pad(std::string_view text, int width) {
  const std::string cut(text.substr(0, static_cast<size_t>(std::abs(width))));
  const std::string spaces(static_cast<size_t>(std::abs(width)) - cut.size(), ' ');
  return width < 0 ? spaces + cut : cut + spaces;
}

// A host's name is the publisher's text: it must not steer our terminal.
std::string Printable(std::string_view text) {
  std::string printable(text);
  std::replace_if(
      printable.begin(), printable.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return printable;
}

std::string_view Color(double percent) {
  return percent < 60 ? kGreen : percent < 85 ? kYellow : kRed;
}

// One character per value, by its height.
std::string Sparkline(const std::deque<double>& percents) {
  static constexpr std::string_view kHeights[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
  std::string line;
  for (const double percent : percents) {
    line += kHeights[static_cast<size_t>(std::clamp(percent / 12.5, 0.0, 7.0))];
  }
  line.append(Fleet::kHistory - percents.size(), ' ');
  return line;
}

// What a line says of a host.
struct Figures {
  explicit Figures(const Host& host)
      : used_bytes(static_cast<double>(host.memory.total_bytes()) -
                   static_cast<double>(host.memory.available_bytes())),
        total_bytes(static_cast<double>(host.memory.total_bytes())),
        memory_percent(total_bytes > 0 ? 100 * used_bytes / total_bytes : 0) {
    for (const DiskDevice& device : host.disk.devices()) {
      read += device.read_bytes_rate();
      write += device.write_bytes_rate();
    }
    for (const NetworkInterface& interface : host.network.interfaces()) {
      receive += interface.receive_bytes_rate();
      send += interface.send_bytes_rate();
    }
  }

  double used_bytes, total_bytes, memory_percent;
  double read = 0, write = 0, receive = 0, send = 0;  // bytes per second
};

std::string ColoredBar(double percent) {
  return StrCat(Color(percent), Bar(percent, kBarWidth), kPlain);
}

std::string Row(const std::string& name, const Host& host, bool silent) {
  const Figures f(host);
  const double busy = host.cpu.busy_percent();
  const std::string memory = StrCat(Fixed(f.memory_percent, 0), "% of ", Bytes(f.total_bytes));
  return StrCat(silent ? kDim : kBold, Pad(Printable(name), 10), kPlain, " ", ColoredBar(busy),
                Pad(Fixed(busy, 0), -4), "% ", kCyan, Sparkline(host.busy_percents), kPlain,
                Pad(Fixed(host.cpu.load_1m(), 2), -6), "  ", ColoredBar(f.memory_percent),
                Pad(memory, -13), Pad(Bytes(f.read), -8), Pad(Bytes(f.write), -8),
                Pad(Bytes(f.receive), -7), Pad(Bytes(f.send), -7), kEndOfLine);
}

}  // namespace

std::string Bytes(double bytes) {
  static constexpr std::string_view kUnits[] = {" B", " kB", " MB", " GB", " TB"};
  size_t unit = 0;
  while (bytes >= 999.5 && unit + 1 < std::size(kUnits)) {
    bytes /= 1000;
    ++unit;
  }
  const bool decimal = unit > 0 && bytes < 9.95;
  return StrCat(Fixed(bytes, decimal ? 1 : 0), kUnits[unit]);
}

std::string Bar(double percent, int width) {
  static constexpr std::string_view kEighths[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
  const auto eighths = std::lround(std::clamp(percent, 0.0, 100.0) / 100 * width * 8);
  std::string bar;
  for (int i = 0; i < eighths / 8; ++i) bar += "█";
  const std::string_view rest = kEighths[eighths % 8];
  bar += rest;
  for (auto i = eighths / 8 + (rest.empty() ? 0 : 1); i < width; ++i) bar += "·";
  return bar;
}

std::string Table(const Fleet& fleet, std::string_view title, uint64_t lost_messages,
                  base::TimePoint now) {
  std::string table = StrCat(kBold, title, kPlain, "  ", fleet.hosts().size(),
                             fleet.hosts().size() == 1 ? " host" : " hosts");
  if (lost_messages > 0) {
    base::StrAppend(&table, kYellow, ", ", lost_messages, " messages lost", kPlain);
  }
  base::StrAppend(&table, kEndOfLine, kEndOfLine, kDim, Pad("HOST", 11), Pad("CPU", 28),
                  Pad("LOAD", -6), "  ", Pad("MEMORY", 23), Pad("READ/s", -8), Pad("WRITE/s", -8),
                  Pad("IN/s", -7), Pad("OUT/s", -7), kPlain, kEndOfLine);
  for (const auto& [name, host] : fleet.hosts()) {
    table += Row(name, host, now - host.seen > kSilentAfter);
  }
  return table;
}

std::string Lines(const Fleet& fleet) {
  std::string lines;
  for (const auto& [name, host] : fleet.hosts()) {
    if (!host.complete()) continue;
    const Figures f(host);
    base::StrAppend(&lines, Printable(name), " cpu ", Fixed(host.cpu.busy_percent(), 1), "% load ",
                    Fixed(host.cpu.load_1m(), 2), " memory ", Bytes(f.used_bytes), " of ",
                    Bytes(f.total_bytes), " disk ", Bytes(f.read), "/s ", Bytes(f.write),
                    "/s network ", Bytes(f.receive), "/s ", Bytes(f.send), "/s\n");
  }
  return lines;
}

}  // namespace esockets::telemetry
