#include "server/websocket/handshake.h"

#include <openssl/evp.h>

#include <algorithm>
#include <array>

#include "absl/strings/escaping.h"
#include "base/check.h"
#include "base/strings.h"
#include "server/http/host_name.h"
#include "server/http/text.h"

namespace esockets::websocket {
namespace {

using http::Request;
using http::Status;

// All values of a field that is a list, as one.
std::string ListOf(const Request& request, std::string_view name) {
  std::string list;
  for (const auto& [field, value] : request.fields) {
    if (field == name) base::StrAppend(&list, list.empty() ? "" : ",", value);
  }
  return list;
}

bool HasToken(const Request& request, std::string_view name, std::string_view token) {
  return std::ranges::any_of(
      http::SplitList(ListOf(request, name), ','),
      [&](std::string_view element) { return http::ToLower(element) == token; });
}

bool HasSubprotocol(const Request& request, std::string_view subprotocol) {
  const std::string offered = ListOf(request, "sec-websocket-protocol");
  return std::ranges::count(http::SplitList(offered, ','), subprotocol) == 1;
}

// The base64 form of 16 bytes.
bool IsKey(std::string_view key) {
  constexpr size_t kNonceBytes = 16;
  std::string nonce;
  return absl::Base64Unescape(base::ToAbsl(key), &nonce) && nonce.size() == kNonceBytes &&
         absl::Base64Escape(nonce) == key;
}

// A page may connect to where it came from, if no name of an attacker's may stand for that. Over
// TLS that is https alone; what comes in the clear may have been https as far as a proxy.
bool IsAllowedOrigin(const Request& request, const HandshakeRules& rules) {
  const std::string* origin = request.Find("origin");
  if (origin == nullptr) return true;  // no page
  const std::string lower = http::ToLower(*origin);
  const bool listed = std::ranges::any_of(rules.origins, [&](const std::string& allowed) {
    return allowed == "*" || http::ToLower(allowed) == lower;
  });
  if (listed) return true;
  const std::string* host = request.Find("host");
  if (host == nullptr || !http::IsOwnName(http::HostName(*host))) return false;
  const std::string own = http::ToLower(*host);
  return lower == "https://" + own || (!request.encrypted && lower == "http://" + own);
}

std::optional<http::Response> Refuse(Status status, std::string_view why) {
  return http::PlainRefusal(status, why);
}

std::optional<http::Response> RefuseVersion() {
  http::Response refusal = UpgradeRequired("Sec-WebSocket-Version must be 13, once");
  refusal.fields = "Sec-WebSocket-Version: 13\r\n";
  return refusal;
}

// Section 4.2.1.
std::optional<http::Response> RefusalOf(const Request& request, const HandshakeRules& rules) {
  if (request.method != "GET" || !request.http_1_1) {
    return Refuse(Status::kBadRequest, "a WebSocket begins with GET and HTTP/1.1");
  }
  if (!request.body.empty()) return Refuse(Status::kBadRequest, "the request has a body");
  if (!HasToken(request, "connection", "upgrade")) {
    return Refuse(Status::kBadRequest, "Connection does not say upgrade");
  }
  const std::string* version = request.Find("sec-websocket-version");
  if (request.Count("sec-websocket-version") != 1 || *version != "13") return RefuseVersion();
  const std::string* key = request.Find("sec-websocket-key");
  if (key == nullptr || request.Count("sec-websocket-key") != 1 || !IsKey(*key)) {
    return Refuse(Status::kBadRequest, "Sec-WebSocket-Key must be the base64 form of 16 bytes");
  }
  if (!IsAllowedOrigin(request, rules)) {
    return Refuse(Status::kForbidden,
                  base::StrCat("pages of ", *request.Find("origin"), " may not connect"));
  }
  if (!rules.subprotocol.empty() && !HasSubprotocol(request, rules.subprotocol)) {
    return Refuse(Status::kBadRequest,
                  base::StrCat("Sec-WebSocket-Protocol must offer ", rules.subprotocol));
  }
  return std::nullopt;
}

}  // namespace

bool IsUpgrade(const Request& request) { return HasToken(request, "upgrade", "websocket"); }

http::Response UpgradeRequired(std::string_view detail) {
  http::Response response = http::PlainRefusal(Status::kUpgradeRequired, detail);
  response.upgrade = "websocket";
  return response;
}

std::string AcceptKey(std::string_view key) {
  const std::string text = base::StrCat(key, "258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha1(), nullptr);
  return absl::Base64Escape(absl::string_view(reinterpret_cast<const char*>(digest.data()), size));
}

http::Response Refusal(const Request& request, const HandshakeRules& rules) {
  std::optional<http::Response> refusal = RefusalOf(request, rules);
  ESOCKETS_CHECK(refusal.has_value());
  return *std::move(refusal);
}

Handshake Answer(const Request& request, const HandshakeRules& rules) {
  Handshake handshake{.refusal = RefusalOf(request, rules), .response = {}, .deflate = {}};
  if (handshake.refusal) return handshake;
  handshake.response = base::StrCat(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Accept: ",
      AcceptKey(*request.Find("sec-websocket-key")), "\r\n");
  if (!rules.subprotocol.empty()) {
    base::StrAppend(&handshake.response, "Sec-WebSocket-Protocol: ", rules.subprotocol, "\r\n");
  }
  if (rules.deflate) {
    handshake.deflate = AcceptDeflate(ListOf(request, "sec-websocket-extensions"));
  }
  if (handshake.deflate) {
    base::StrAppend(&handshake.response, "Sec-WebSocket-Extensions: ", handshake.deflate->element,
                    "\r\n");
  }
  handshake.response += "\r\n";
  return handshake;
}

}  // namespace esockets::websocket
