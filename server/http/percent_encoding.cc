#include "server/http/percent_encoding.h"

#include <charconv>
#include <cstdint>
#include <system_error>

namespace esockets::http {

std::optional<std::string> DecodePercent(std::string_view text) {
  constexpr size_t kDigits = 2;
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    const std::string_view digits = text.substr(i + 1, kDigits);
    const char* const end = digits.data() + digits.size();
    uint8_t byte = 0;
    const auto [at, error] = std::from_chars(digits.data(), end, byte, 16);
    if (digits.size() < kDigits || error != std::errc() || at != end) return std::nullopt;
    decoded += static_cast<char>(byte);
    i += kDigits;
  }
  return decoded;
}

}  // namespace esockets::http
