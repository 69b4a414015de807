// A line of input below the lines of output: what comes in meanwhile is printed above the prompt,
// and what has been typed stays. Where input or output is no terminal, plain lines.
#ifndef EXAMPLES_CHAT_TERMINAL_H_
#define EXAMPLES_CHAT_TERMINAL_H_

#include <termios.h>

#include <mutex>
#include <optional>
#include <string>
#include <string_view>

namespace esockets::chat {

class Terminal {
 public:
  // SIGINT, SIGTERM and SIGHUP end the input from here on, in threads that start later too.
  Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;
  ~Terminal();

  // The next line, without its end; nothing when the input has ended. Thread: one.
  std::optional<std::string> ReadLine();

  // Thread: any.
  void Print(std::string_view line);
  void SetPrompt(std::string prompt);
  // `text` in a colour of its own, the same every time; as it is where colours are not shown.
  std::string Colored(std::string_view text) const;
  std::string Dim(std::string_view text) const;

  // What others wrote, with control characters replaced: they must not steer our terminal.
  static std::string Printable(std::string_view text);

 private:
  bool ReadMore();
  // True when the line is complete.
  bool Type(char c);
  void Draw();

  const bool edits_;
  const bool colors_;
  termios saved_{};
  int signal_fd_;
  std::string unread_;
  bool in_escape_ = false;

  std::mutex mutex_;  // guards what follows, and the output
  std::string prompt_;
  std::string typed_;
};

}  // namespace esockets::chat

#endif  // EXAMPLES_CHAT_TERMINAL_H_
