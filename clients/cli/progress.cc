#include "clients/cli/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>

#include "base/strings.h"
#include "clients/cli/table.h"

namespace esockets::cli {
namespace {

constexpr size_t kBarWidth = 30;
constexpr base::Duration kInterval = std::chrono::milliseconds(100);

}  // namespace

Progress::Progress(uint64_t total, bool enabled)
    : total_(total),
      enabled_(enabled && ::isatty(STDERR_FILENO) != 0),
      started_(base::SystemClock().Now()),
      next_(started_ + kInterval) {}

Progress::~Progress() {
  if (shown_) std::fputs("\r\x1b[K", stderr);
}

void Progress::Update(uint64_t done) {
  if (!enabled_) return;
  const base::TimePoint now = base::SystemClock().Now();
  if (now < next_) return;
  next_ = now + kInterval;
  shown_ = true;
  const double seconds = std::chrono::duration<double>(now - started_).count();
  const std::string line = base::StrCat("\r\x1b[K", ProgressLine(done, total_, seconds));
  std::fputs(line.c_str(), stderr);
}

std::string ProgressLine(uint64_t done, uint64_t total, double seconds) {
  const auto rate = seconds > 0 ? static_cast<uint64_t>(static_cast<double>(done) / seconds) : 0;
  const std::string speed = Short(rate) + "/s";
  if (total == 0) return base::StrCat(done, " ", speed);
  const size_t filled = static_cast<size_t>(std::min(done, total) * kBarWidth / total);
  return base::StrCat("[", std::string(filled, '#'), std::string(kBarWidth - filled, ' '), "] ",
                      done * 100 / total, "% ", done, "/", total, " ", speed);
}

}  // namespace esockets::cli
