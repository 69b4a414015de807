#include "clients/cli/start_words.h"

#include <charconv>
#include <ctime>
#include <optional>

#include "base/strings.h"

namespace esockets::cli {
namespace {

constexpr uint64_t kMicrosPerSecond = 1'000'000;

std::optional<uint64_t> Number(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

uint64_t SecondsOf(char unit) {
  switch (unit) {
    case 's':
      return 1;
    case 'm':
      return 60;
    case 'h':
      return uint64_t{60} * 60;
    case 'd':
      return uint64_t{24} * 60 * 60;
    default:
      return 0;
  }
}

std::optional<client::Start> Ago(std::string_view text, int64_t now_us) {
  const uint64_t unit = text.empty() ? 0 : SecondsOf(text.back());
  if (unit == 0) return std::nullopt;
  const auto count = Number(text.substr(0, text.size() - 1));
  const auto now = static_cast<uint64_t>(now_us);
  if (!count) return std::nullopt;
  // Before 1970 is as long ago as can be.
  if (*count > now / kMicrosPerSecond / unit) return client::Start::AtTime(1);
  return client::Start::AtTime(now - *count * unit * kMicrosPerSecond);
}

// Digits behind the point, as microseconds.
std::optional<uint64_t> Fraction(std::string_view digits) {
  if (digits.empty() || digits.size() > 6) return std::nullopt;
  return Number(std::string(digits) + std::string(6 - digits.size(), '0'));
}

std::optional<client::Start> Utc(const std::string& text) {
  std::tm utc{};
  const char* rest = ::strptime(text.c_str(), "%Y-%m-%dT%H:%M:%S", &utc);
  if (rest == nullptr || !text.ends_with('Z')) return std::nullopt;
  const std::string_view fraction(rest, text.c_str() + text.size() - 1);
  uint64_t micros = 0;
  if (!fraction.empty()) {
    const auto given = fraction.front() == '.' ? Fraction(fraction.substr(1)) : std::nullopt;
    if (!given) return std::nullopt;
    micros = *given;
  }
  const std::time_t seconds = ::timegm(&utc);
  if (seconds <= 0) return std::nullopt;
  return client::Start::AtTime(static_cast<uint64_t>(seconds) * kMicrosPerSecond + micros);
}

std::optional<client::Start> Position(std::string_view text) {
  const size_t at = text.find('@');
  if (at == std::string_view::npos) return std::nullopt;
  const auto position = Number(text.substr(0, at));
  const auto epoch = Number(text.substr(at + 1));
  if (!position || !epoch) return std::nullopt;
  return client::Start::AfterPosition(*position, *epoch);
}

std::optional<client::Start> Last(std::string_view text) {
  const std::string_view word = text.substr(0, text.find(':') + 1);
  const auto count = Number(text.substr(word.size()));
  if (!count || *count == 0) return std::nullopt;
  if (word == "last:") return client::Start::Last(*count);
  if (word == "each:") return client::Start::LastOfEachTopic(*count);
  return std::nullopt;
}

}  // namespace

absl::StatusOr<client::Start> ParseStart(std::string_view text, int64_t now_us) {
  if (text.empty() || text == "now") return client::Start::Now();
  if (text == "all") return client::Start::AtTime(1);
  if (const auto start = Last(text)) return *start;
  if (const auto start = Position(text)) return *start;
  if (const auto start = Ago(text, now_us)) return *start;
  if (const auto start = Utc(std::string(text))) return *start;
  return base::Error(absl::StatusCode::kInvalidArgument,
                     "--from is now, all, last:N, each:N, POSITION@EPOCH, 2026-01-31T12:00:00Z or "
                     "10m: ",
                     text);
}

std::string FormatStart(const client::StreamStart& start, std::string_view verb) {
  return base::StrCat(start.filter, " ", verb, " behind ", start.position, "@", start.epoch,
                      " of the stream ", start.name,
                      start.recovered ? "" : "; what was before is not all there any more");
}

}  // namespace esockets::cli
