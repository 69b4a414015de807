#include "server/websocket/deflate_offer.h"

#include <vector>

#include "base/strings.h"
#include "server/http/text.h"

namespace esockets::websocket {
namespace {

struct Parameter {
  std::string name;
  std::optional<std::string> value;
};

// "name" or "name=value", where the value may stand in quotes. Nothing: it is neither.
std::optional<Parameter> ParseParameter(std::string_view text) {
  const size_t equals = text.find('=');
  Parameter parameter{.name = http::ToLower(http::Trim(text.substr(0, equals))), .value = {}};
  if (!http::IsToken(parameter.name)) return std::nullopt;
  if (equals == std::string_view::npos) return parameter;
  std::string_view value = http::Trim(text.substr(equals + 1));
  if (value.size() >= 2 && value.starts_with('"') && value.ends_with('"')) {
    value = value.substr(1, value.size() - 2);
  }
  if (!http::IsToken(value)) return std::nullopt;
  parameter.value = value;
  return parameter;
}

// 8 to 15, without a zero in front (RFC 7692, section 7.1.2).
std::optional<int> ParseWindowBits(const std::optional<std::string>& value) {
  if (!value || !http::IsNumber(*value) || value->size() > 2 || value->front() == '0') {
    return std::nullopt;
  }
  const int bits = std::stoi(*value);
  return bits < 8 || bits > kWindowBitsMax ? std::nullopt : std::optional<int>(bits);
}

// Of the offer that is being read.
struct Offer {
  bool server_no_takeover = false;
  bool client_no_takeover = false;
  bool client_window = false;
  std::optional<int> server_window;

  // False: it stands there twice, is unknown, or has a value that it cannot have.
  bool Take(const Parameter& parameter) {
    if (parameter.name == "server_no_context_takeover") {
      return !parameter.value && !std::exchange(server_no_takeover, true);
    }
    if (parameter.name == "client_no_context_takeover") {
      return !parameter.value && !std::exchange(client_no_takeover, true);
    }
    if (parameter.name == "client_max_window_bits") {
      const bool valid = !parameter.value || ParseWindowBits(parameter.value);
      return valid && !std::exchange(client_window, true);
    }
    if (parameter.name != "server_max_window_bits" || server_window) return false;
    server_window = ParseWindowBits(parameter.value);
    return server_window.has_value();
  }
};

std::optional<DeflateAgreement> Accept(const std::vector<std::string_view>& parts) {
  Offer offer;
  for (size_t i = 1; i < parts.size(); ++i) {
    const std::optional<Parameter> parameter = ParseParameter(parts[i]);
    if (!parameter || !offer.Take(*parameter)) return std::nullopt;
  }
  const int bits = offer.server_window.value_or(kWindowBitsMax);
  if (bits < kWindowBitsMin) return std::nullopt;
  DeflateAgreement agreement{
      .window_bits = bits,
      .element = "permessage-deflate; server_no_context_takeover; client_no_context_takeover"};
  if (offer.server_window) base::StrAppend(&agreement.element, "; server_max_window_bits=", bits);
  return agreement;
}

}  // namespace

std::optional<DeflateAgreement> AcceptDeflate(std::string_view extensions) {
  for (const std::string_view element : http::SplitList(extensions, ',')) {
    const std::vector<std::string_view> parts = http::SplitList(element, ';');
    if (parts.empty() || http::ToLower(parts[0]) != "permessage-deflate") continue;
    if (std::optional<DeflateAgreement> agreement = Accept(parts)) return agreement;
  }
  return std::nullopt;
}

}  // namespace esockets::websocket
