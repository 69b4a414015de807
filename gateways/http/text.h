// The few questions about text that HTTP asks: it is ASCII, and many of its names have no case.
#ifndef GATEWAYS_HTTP_TEXT_H_
#define GATEWAYS_HTTP_TEXT_H_

#include <algorithm>
#include <string>
#include <string_view>

namespace esockets::http {

inline std::string ToLower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

inline bool IsNumber(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace esockets::http

#endif  // GATEWAYS_HTTP_TEXT_H_
