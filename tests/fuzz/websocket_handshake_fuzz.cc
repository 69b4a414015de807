// Whatever a request says, it is refused with a status of the table, or answered with exactly the
// fields of RFC 6455, section 4.2.2, out of which nothing of the request's own text looks.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "server/http/request.h"
#include "server/http/text.h"
#include "server/websocket/handshake.h"
#include "tests/fuzz/expect.h"

namespace {

using esockets::http::Request;
using esockets::http::Status;
using esockets::tests::Expect;
using esockets::websocket::Handshake;
using esockets::websocket::HandshakeRules;

// The first byte chooses the rules and what is there already, the lines behind it are fields.
Request Parse(uint8_t choice, std::string_view text) {
  Request request;
  request.method = "GET";
  request.target = "/";
  request.fields = {{"host", "localhost:8080"}, {"upgrade", "websocket"}};
  if ((choice & 1) != 0) {
    request.fields.emplace_back("connection", "Upgrade");
    request.fields.emplace_back("sec-websocket-version", "13");
  }
  if ((choice & 2) != 0) {
    request.fields.emplace_back("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==");
  }
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size());
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || line.find('\r') != std::string_view::npos) continue;
    request.fields.emplace_back(esockets::http::ToLower(line.substr(0, colon)),
                                esockets::http::Trim(line.substr(colon + 1)));
  }
  return request;
}

HandshakeRules RulesOf(uint8_t choice) {
  HandshakeRules rules;
  if ((choice & 4) != 0) rules.subprotocol = "esockets.v1";
  if ((choice & 8) != 0) rules.origins = {"https://chat.example.org"};
  rules.deflate = (choice & 16) == 0;
  return rules;
}

// 22 characters of base64, of which the last has no bits that mean nothing, and two "=".
bool IsKey(std::string_view key) {
  constexpr std::string_view kBase64 =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  return key.size() == 24 && key.ends_with("==") && kBase64.find(key[21]) % 16 == 0 &&
         key.substr(0, 22).find_first_not_of(kBase64) == std::string_view::npos;
}

void CheckAccepted(const Request& request, const HandshakeRules& rules,
                   const Handshake& handshake) {
  Expect(request.Count("sec-websocket-key") == 1, "not one key");
  const std::string& key = *request.Find("sec-websocket-key");
  Expect(IsKey(key), "that is no key");
  Expect(request.Count("sec-websocket-version") == 1, "not one version");
  Expect(*request.Find("sec-websocket-version") == "13", "another version");
  const std::string* origin = request.Find("origin");
  if (origin != nullptr) {
    const std::string lower = esockets::http::ToLower(*origin);
    Expect(lower == "http://localhost:8080" || lower == "https://localhost:8080" ||
               (!rules.origins.empty() && lower == rules.origins[0]),
           "a page of elsewhere");
  }
  std::string expected =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: " +
      esockets::websocket::AcceptKey(key) + "\r\n";
  if (!rules.subprotocol.empty()) expected += "Sec-WebSocket-Protocol: esockets.v1\r\n";
  Expect(rules.deflate || !handshake.deflate, "deflate, against the rules");
  if (handshake.deflate) {
    const int bits = handshake.deflate->window_bits;
    Expect(bits >= 9 && bits <= 15, "a window that zlib does not have");
    const std::string element =
        "permessage-deflate; server_no_context_takeover; client_no_context_takeover";
    const std::string window = "; server_max_window_bits=" + std::to_string(bits);
    Expect(handshake.deflate->element == element + window ||
               (handshake.deflate->element == element && bits == 15),
           "another element");
    expected += "Sec-WebSocket-Extensions: " + handshake.deflate->element + "\r\n";
  }
  Expect(handshake.response == expected + "\r\n", "another answer");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Request request = Parse(data[0], text);
  const HandshakeRules rules = RulesOf(data[0]);
  if (!esockets::websocket::IsUpgrade(request)) return 0;
  const Handshake handshake = esockets::websocket::Answer(request, rules);
  if (!handshake.refusal) {
    CheckAccepted(request, rules, handshake);
    return 0;
  }
  const Status status = handshake.refusal->status;
  Expect(handshake.response.empty() && !handshake.deflate, "refused and accepted");
  Expect(status == Status::kBadRequest || status == Status::kForbidden ||
             status == Status::kUpgradeRequired,
         "another status");
  return 0;
}
