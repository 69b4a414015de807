#include "examples/chat/terminal.h"

#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <utility>

#include "base/strings.h"

namespace esockets::chat {
namespace {

constexpr char kBackspace = 0x7F, kEscape = 0x1B, kEndOfInput = 'D' - '@', kDeleteLine = 'U' - '@';

// The second and later bytes of a UTF-8 character.
bool Continues(char c) { return (c & 0xC0) == 0x80; }

}  // namespace

Terminal::Terminal() : edits_(::isatty(0) && ::isatty(1)), colors_(::isatty(1)) {
  sigset_t endings;
  sigemptyset(&endings);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&endings, signal);
  ::pthread_sigmask(SIG_BLOCK, &endings, nullptr);
  signal_fd_ = ::signalfd(-1, &endings, SFD_CLOEXEC);
  if (!edits_) return;
  ::tcgetattr(0, &saved_);
  termios by_key = saved_;
  by_key.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
  ::tcsetattr(0, TCSANOW, &by_key);
}

Terminal::~Terminal() {
  ::close(signal_fd_);
  if (!edits_) return;
  std::fputs("\r\033[K", stdout);
  std::fflush(stdout);
  ::tcsetattr(0, TCSANOW, &saved_);
}

std::optional<std::string> Terminal::ReadLine() {
  do {
    while (!unread_.empty()) {
      const char c = unread_.front();
      unread_.erase(0, 1);
      const std::lock_guard lock(mutex_);
      if (edits_ && c == kEndOfInput) return std::nullopt;
      if (Type(c)) return std::exchange(typed_, "");
    }
    const std::lock_guard lock(mutex_);
    Draw();
  } while (ReadMore());
  return std::nullopt;
}

bool Terminal::ReadMore() {
  pollfd ready[] = {{.fd = 0, .events = POLLIN, .revents = 0},
                    {.fd = signal_fd_, .events = POLLIN, .revents = 0}};
  if (::poll(ready, 2, -1) < 0 || ready[1].revents != 0) return false;
  char bytes[4096];
  const ssize_t count = ::read(0, bytes, sizeof(bytes));
  if (count > 0) unread_.append(bytes, static_cast<size_t>(count));
  return count > 0;
}

bool Terminal::Type(char c) {
  if (c == '\n') return true;
  const bool control = static_cast<unsigned char>(c) < 0x20 || c == kBackspace;
  if (!edits_ || (!control && !in_escape_)) {
    typed_ += c;
  } else if (in_escape_) {  // arrow keys and their like end with a letter or "~"
    in_escape_ = c == '[' || c == 'O' || c == ';' || (c >= '0' && c <= '9');
  } else if (c == kEscape) {
    in_escape_ = true;
  } else if (c == kBackspace) {
    while (!typed_.empty() && Continues(typed_.back())) typed_.pop_back();
    if (!typed_.empty()) typed_.pop_back();
  } else if (c == kDeleteLine) {
    typed_.clear();
  }
  return false;
}

void Terminal::Draw() {
  if (!edits_) return;
  winsize size{};
  const bool known = ::ioctl(1, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  std::ptrdiff_t room = (known ? size.ws_col : 80) - std::ssize(prompt_) - 1;
  auto begin = typed_.end();  // of the tail that has room
  for (; begin != typed_.begin() && room > 0; --room) {
    do {
      --begin;
    } while (begin != typed_.begin() && Continues(*begin));
  }
  std::fputs(base::StrCat("\r\033[K", prompt_, std::string(begin, typed_.end())).c_str(), stdout);
  std::fflush(stdout);
}

void Terminal::Print(std::string_view line) {
  const std::lock_guard lock(mutex_);
  std::fputs(base::StrCat(edits_ ? "\r\033[K" : "", line, "\n").c_str(), stdout);
  std::fflush(stdout);
  Draw();
}

void Terminal::SetPrompt(std::string prompt) {
  const std::lock_guard lock(mutex_);
  prompt_ = std::move(prompt);
  Draw();
}

std::string Terminal::Colored(std::string_view text) const {
  if (!colors_) return std::string(text);
  return base::StrCat("\033[1;3", 1 + std::hash<std::string_view>{}(text) % 6, "m", text,
                      "\033[0m");
}

std::string Terminal::Dim(std::string_view text) const {
  return colors_ && !text.empty() ? base::StrCat("\033[2m", text, "\033[0m") : std::string(text);
}

std::string Terminal::Printable(std::string_view text) {
  std::string printable(text);
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const auto next = static_cast<unsigned char>(i + 1 < text.size() ? text[i + 1] : 0);
    // U+0080 to U+009F are control characters as well.
    if (byte < 0x20 || byte == 0x7F || (byte == 0xC2 && next < 0xA0)) printable[i] = '?';
    if (byte == 0xC2 && next >= 0x80 && next < 0xA0) printable[++i] = '?';
  }
  return printable;
}

}  // namespace esockets::chat
