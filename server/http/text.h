// The few questions about text that HTTP asks: it is ASCII, and many of its names have no case.
#ifndef SERVER_HTTP_TEXT_H_
#define SERVER_HTTP_TEXT_H_

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

namespace esockets::http {

inline std::string ToLower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return lower;
}

// Without the spaces and tabs around it.
inline std::string_view Trim(std::string_view text) {
  constexpr std::string_view kSpace = " \t";
  const size_t begin = std::min(text.find_first_not_of(kSpace), text.size());
  return text.substr(begin, text.find_last_not_of(kSpace) + 1 - begin);
}

// RFC 9110, section 5.6.2.
inline bool IsToken(std::string_view text) {
  static constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::ranges::all_of(text, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           kOthers.find(c) != std::string_view::npos;
  });
}

// The elements of a list, trimmed, without the empty ones (RFC 9110, section 5.6.1).
inline std::vector<std::string_view> SplitList(std::string_view text, char separator) {
  std::vector<std::string_view> elements;
  while (!text.empty()) {
    const size_t end = std::min(text.find(separator), text.size());
    const std::string_view element = Trim(text.substr(0, end));
    if (!element.empty()) elements.push_back(element);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return elements;
}

inline bool IsNumber(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace esockets::http

#endif  // SERVER_HTTP_TEXT_H_
