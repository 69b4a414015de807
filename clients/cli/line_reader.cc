#include "clients/cli/line_reader.h"

#include <unistd.h>

namespace esockets::cli {
namespace {

constexpr size_t kReadBytes = 64 << 10;

}  // namespace

bool LineReader::Next(std::string* line) {
  size_t searched = begin_;
  while (true) {
    const size_t newline = buffer_.find('\n', searched);
    if (newline != std::string::npos) {
      line->assign(buffer_, begin_, newline - begin_);
      begin_ = newline + 1;
      return true;
    }
    buffer_.erase(0, begin_);
    begin_ = 0;
    searched = buffer_.size();
    if (Fill()) continue;
    if (buffer_.empty() || interrupt_.interrupted()) return false;
    line->swap(buffer_);
    buffer_.clear();
    return true;
  }
}

bool LineReader::Fill() {
  if (!interrupt_.AwaitReadable(fd_)) return false;
  const size_t before = buffer_.size();
  buffer_.resize(before + kReadBytes);
  const ssize_t n = ::read(fd_, buffer_.data() + before, kReadBytes);
  buffer_.resize(before + static_cast<size_t>(n > 0 ? n : 0));
  return n > 0;
}

}  // namespace esockets::cli
