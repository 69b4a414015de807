// Structured logs: a level, an event in words, and name=value pairs, one line each.
//   level and time, then the event:  2026-01-01T00:00:00.000Z info  client connected id=7 address=…
// Thread: any. Never once per message: a line costs about 200 ns.
#ifndef BASE_LOG_H_
#define BASE_LOG_H_

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace esockets::base {

enum class LogLevel { kDebug, kInfo, kWarning, kError, kOff };

// One name=value pair. Text is escaped when the line is written: what a client sent can neither
// break a line nor drive a terminal.
class LogField {
 public:
  LogField(std::string_view name, std::string_view value) : name_(name), text_(value) {}
  LogField(std::string_view name, const char* value) : name_(name), text_(value) {}
  LogField(std::string_view name, const std::string& value) : name_(name), text_(value) {}
  template <typename Integer>
    requires std::is_integral_v<Integer>
  LogField(std::string_view name, Integer value)
      : name_(name), number_(static_cast<int64_t>(value)), is_number_(true) {}

  void AppendTo(std::string* line) const;

 private:
  std::string_view name_;
  std::string_view text_;
  int64_t number_ = 0;
  bool is_number_ = false;
};

// Lines below `level` cost one comparison. Default: kInfo, to stderr.
void SetLogLevel(LogLevel level);
LogLevel GetLogLevel();
// "debug", "info", "warning", "error", "off"; false for any other word.
bool ParseLogLevel(std::string_view word, LogLevel* level);

void Log(LogLevel level, std::string_view event, std::initializer_list<LogField> fields = {});

// `text` with control characters, quotes, backslashes and bytes above 0x7E as \xNN; in quotes when
// it is empty or holds a space or "=".
std::string EscapeForLog(std::string_view text);

}  // namespace esockets::base

#endif  // BASE_LOG_H_
