// Base64 for names and URLs, as JSON Web Signatures have it: RFC 4648 section 5, without padding.
#ifndef BROKER_AUTH_BASE64URL_H_
#define BROKER_AUTH_BASE64URL_H_

#include <optional>
#include <string>
#include <string_view>

namespace esockets::broker {

// Nothing: that is not what an encoder writes. No padding, no white space, no "+" or "/", and the
// bits behind the last byte are zero: each text of bytes has one form.
std::optional<std::string> DecodeBase64Url(std::string_view text);

}  // namespace esockets::broker

#endif  // BROKER_AUTH_BASE64URL_H_
