// Percent-encoding of URIs (RFC 3986, section 2.1): "%20" for a space.
#ifndef SERVER_HTTP_PERCENT_ENCODING_H_
#define SERVER_HTTP_PERCENT_ENCODING_H_

#include <optional>
#include <string>
#include <string_view>

namespace esockets::http {

// Nothing: a "%" is not followed by two hexadecimal digits.
std::optional<std::string> DecodePercent(std::string_view text);

}  // namespace esockets::http

#endif  // SERVER_HTTP_PERCENT_ENCODING_H_
