#include "clients/cli/secret_prompt.h"

#include <termios.h>
#include <unistd.h>

#include <cstdio>

#include "base/strings.h"

namespace esockets::cli {
namespace {

// The terminal of stdin does not show what is typed, as long as this lives.
class WithoutEcho {
 public:
  WithoutEcho() : is_changed_(::tcgetattr(STDIN_FILENO, &before_) == 0) {
    if (!is_changed_) return;
    termios without = before_;
    without.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &without);
  }
  WithoutEcho(const WithoutEcho&) = delete;
  WithoutEcho& operator=(const WithoutEcho&) = delete;
  ~WithoutEcho() {
    if (is_changed_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }

 private:
  termios before_{};
  const bool is_changed_;
};

}  // namespace

SecretPrompt::SecretPrompt(Interrupt* interrupt)
    : is_terminal_(::isatty(STDIN_FILENO) == 1), lines_(STDIN_FILENO, interrupt) {}

bool SecretPrompt::Ask(std::string_view question, std::string* answer) {
  if (!is_terminal_) return lines_.Next(answer);
  const WithoutEcho without_echo;
  std::fputs(base::StrCat(question, ": ").c_str(), stderr);
  const bool is_answered = lines_.Next(answer);
  std::fputs("\n", stderr);  // the one that was typed is not shown either
  return is_answered;
}

}  // namespace esockets::cli
