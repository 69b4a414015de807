#include "server/websocket/handshake.h"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "server/http/request.h"
#include "server/http/status.h"

namespace esockets::websocket {
namespace {

using http::Request;
using http::Status;

constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";

// The example of RFC 6455, section 1.2.
Request Good() {
  Request request;
  request.method = "GET";
  request.target = "/chat";
  request.fields = {{"host", "server.example.com"},
                    {"upgrade", "websocket"},
                    {"connection", "Upgrade"},
                    {"sec-websocket-key", std::string(kKey)},
                    {"sec-websocket-version", "13"}};
  return request;
}

Request Without(std::string_view name) {
  Request request = Good();
  std::erase_if(request.fields, [&](const Request::Field& field) { return field.first == name; });
  return request;
}

Request With(std::string_view name, std::string_view value) {
  Request request = Without(name);
  request.fields.emplace_back(name, value);
  return request;
}

Request Adding(Request request, std::string_view name, std::string_view value) {
  request.fields.emplace_back(name, value);
  return request;
}

// 101, or the status of the refusal.
int StatusOf(const Request& request, const HandshakeRules& rules = {}) {
  const Handshake handshake = Answer(request, rules);
  EXPECT_EQ(handshake.refusal.has_value(), handshake.response.empty());
  EXPECT_FALSE(handshake.refusal && handshake.deflate);
  return handshake.refusal ? static_cast<int>(handshake.refusal->status) : 101;
}

// RFC 6455, section 1.3 and 4.2.2.
TEST(Handshake, TheAcceptKeyOfTheRfc) {
  EXPECT_EQ(AcceptKey(kKey), "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
}

// Section 4.2.2: exactly this.
TEST(Handshake, TheWholeAnswer) {
  EXPECT_EQ(Answer(Good(), {}).response,
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n");
  Request request = With("sec-websocket-protocol", "chat, superchat");
  request.fields.emplace_back("sec-websocket-extensions", "permessage-deflate");
  const Handshake handshake =
      Answer(request, {.subprotocol = "superchat", .origins = {}, .deflate = true});
  EXPECT_TRUE(handshake.deflate.has_value());
  EXPECT_EQ(handshake.response,
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
            "Sec-WebSocket-Protocol: superchat\r\n"
            "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover; "
            "client_no_context_takeover\r\n\r\n");
}

// Section 4.2.1, point 3: a token of a list, whatever its case.
TEST(Handshake, WhatAsksForAWebSocket) {
  for (const std::string_view value :
       {"websocket", "WebSocket", "WEBSOCKET", "h2c, websocket", " websocket ,"}) {
    EXPECT_TRUE(IsUpgrade(With("upgrade", value))) << value;
  }
  for (const std::string_view value : {"", "h2c", "websockets", "web socket", "websocket/13"}) {
    EXPECT_FALSE(IsUpgrade(With("upgrade", value))) << value;
  }
  EXPECT_FALSE(IsUpgrade(Without("upgrade")));
  EXPECT_TRUE(IsUpgrade(Adding(With("upgrade", "h2c"), "upgrade", "websocket")));
}

struct RequestCase {
  std::string_view what;
  Request request;
  int status;
};

Request OfMethod(std::string_view method) {
  Request request = Good();
  request.method = method;
  return request;
}

Request OfHttp10() {
  Request request = Good();
  request.http_1_1 = false;
  return request;
}

Request WithBody() {
  Request request = Good();
  request.body = "x";
  return request;
}

// Section 4.2.1, and 4.4 of the version.
TEST(Handshake, EachFieldWrongOrMissing) {
  const std::vector<RequestCase> cases = {
      {"the example", Good(), 101},
      {"POST", OfMethod("POST"), 400},
      {"HEAD", OfMethod("HEAD"), 400},
      {"a method in lower case", OfMethod("get"), 400},
      {"HTTP/1.0", OfHttp10(), 400},
      {"a body", WithBody(), 400},
      {"no Connection", Without("connection"), 400},
      {"Connection: close", With("connection", "close"), 400},
      {"Connection: upgraded", With("connection", "upgraded"), 400},
      {"Connection of Firefox", With("connection", "keep-alive, Upgrade"), 101},
      {"two Connection", Adding(With("connection", "keep-alive"), "connection", "UPGRADE"), 101},
      {"no key", Without("sec-websocket-key"), 400},
      {"an empty key", With("sec-websocket-key", ""), 400},
      {"a key of 15 bytes", With("sec-websocket-key", "MTIzNDU2Nzg5MDEyMzQ1"), 400},
      {"a key of 17 bytes", With("sec-websocket-key", "MTIzNDU2Nzg5MDEyMzQ1Njc="), 400},
      {"no base64", With("sec-websocket-key", "!!!!!!!!!!!!!!!!!!!!!!=="), 400},
      {"base64 of URLs", With("sec-websocket-key", "_-_-_-_-_-_-_-_-_-_-_w=="), 400},
      {"without padding", With("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ"), 400},
      {"not canonical", With("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZR=="), 400},
      {"space inside", With("sec-websocket-key", "dGhlIHNhbXBs ZSBub25jZQ=="), 400},
      {"two keys", Adding(Good(), "sec-websocket-key", kKey), 400},
      {"two lists of keys", With("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==, x"), 400},
      {"no version", Without("sec-websocket-version"), 426},
      {"an empty version", With("sec-websocket-version", ""), 426},
      {"version 8", With("sec-websocket-version", "8"), 426},
      {"version 12", With("sec-websocket-version", "12"), 426},
      {"version 14", With("sec-websocket-version", "14"), 426},
      {"version 013", With("sec-websocket-version", "013"), 426},
      {"a list of versions", With("sec-websocket-version", "13, 8"), 426},
      {"a second version", Adding(Good(), "sec-websocket-version", "12"), 426},
      {"the version twice", Adding(Good(), "sec-websocket-version", "13"), 426},
      {"a subprotocol that nobody asked for", With("sec-websocket-protocol", "chat"), 101},
  };
  for (const RequestCase& c : cases) EXPECT_EQ(StatusOf(c.request), c.status) << c.what;
}

// Section 4.4: which version there is.
TEST(Handshake, ARefusedVersionIsToldTheRightOne) {
  for (const Request& request :
       {Without("sec-websocket-version"), With("sec-websocket-version", "8")}) {
    const Handshake handshake = Answer(request, {});
    ASSERT_TRUE(handshake.refusal);
    EXPECT_EQ(handshake.refusal->status, Status::kUpgradeRequired);
    EXPECT_NE(handshake.refusal->fields.find("Sec-WebSocket-Version: 13\r\n"), std::string::npos);
    EXPECT_EQ(handshake.refusal->upgrade, "websocket");
  }
}

struct OriginCase {
  std::string_view host;
  std::string_view origin;
  std::vector<std::string> allowed;
  bool may;
};

// Section 10.2: pages of elsewhere, and names that an attacker's DNS gives to this address.
TEST(Handshake, Origins) {
  const std::vector<std::string> none;
  const std::vector<std::string> chat = {"https://chat.example.org"};
  const OriginCase cases[] = {
      {"localhost:8080", "http://localhost:8080", none, true},
      {"localhost:8080", "https://localhost:8080", none, true},
      {"LocalHost:8080", "HTTP://LOCALHOST:8080", none, true},
      {"localhost", "http://localhost", none, true},
      {"127.0.0.1:8080", "http://127.0.0.1:8080", none, true},
      {"192.168.1.7", "http://192.168.1.7", none, true},
      {"[::1]:8080", "http://[::1]:8080", none, true},
      {"localhost:8080", "http://localhost:8081", none, false},
      {"localhost:8080", "http://localhost", none, false},
      {"localhost:8080", "http://127.0.0.1:8080", none, false},
      {"localhost:8080", "http://evil.example.org", none, false},
      {"localhost:8080", "http://localhost:8080.evil.example.org", none, false},
      {"localhost:8080", "ftp://localhost:8080", none, false},
      {"localhost:8080", "file://localhost:8080", none, false},
      {"localhost:8080", "null", none, false},
      {"localhost:8080", "", none, false},
      {"localhost:8080", "http://", none, false},
      {"", "http://", none, false},
      // A name of an attacker's, for which his DNS says 127.0.0.1.
      {"evil.example.org:8080", "http://evil.example.org:8080", none, false},
      {"localhost.evil.example.org", "http://localhost.evil.example.org", none, false},
      {"127.0.0.1.nip.example", "http://127.0.0.1.nip.example", none, false},
      {"localhost@evil.example.org", "http://localhost@evil.example.org", none, false},
      // The list, and what it does not take away.
      {"chat.example.org", "https://chat.example.org", chat, true},
      {"chat.example.org", "HTTPS://Chat.Example.Org", chat, true},
      {"10.0.0.1:1234", "https://chat.example.org", chat, true},
      {"localhost:8080", "http://localhost:8080", chat, true},
      {"chat.example.org", "http://chat.example.org", chat, false},
      {"chat.example.org", "https://chat.example.org:8443", chat, false},
      {"chat.example.org", "https://chat.example.org.evil.example.org", chat, false},
      {"chat.example.org", "null", chat, false},
      {"localhost", "null", {"null"}, true},
      {"localhost", "null", {"*"}, true},
      {"evil.example.org", "https://anything.example.org", {"*"}, true},
  };
  for (const OriginCase& c : cases) {
    Request request = With("host", c.host);
    request.fields.emplace_back("origin", c.origin);
    EXPECT_EQ(StatusOf(request, {.subprotocol = "", .origins = c.allowed, .deflate = true}),
              c.may ? 101 : 403)
        << c.host << " from " << c.origin;
  }
  EXPECT_EQ(StatusOf(With("host", "evil.example.org")), 101) << "no page has an Origin";
}

// Who can change what crosses in the clear can put a page there, which a browser that connects over
// TLS would take for its user, with the user's certificate.
TEST(Handshake, OriginsOverTls) {
  const std::vector<std::string> none;
  const std::vector<std::string> in_the_clear = {"http://localhost"};
  const OriginCase cases[] = {
      {"localhost:8443", "https://localhost:8443", none, true},
      {"localhost", "https://localhost", none, true},
      {"[::1]:8443", "HTTPS://[::1]:8443", none, true},
      {"localhost", "http://localhost", none, false},
      {"localhost:8443", "http://localhost:8443", none, false},
      {"192.168.1.7", "http://192.168.1.7", none, false},
      {"localhost:8443", "https://localhost:8444", none, false},
      {"localhost", "http://localhost", in_the_clear, true},
  };
  for (const OriginCase& c : cases) {
    Request request = With("host", c.host);
    request.encrypted = true;
    request.fields.emplace_back("origin", c.origin);
    EXPECT_EQ(StatusOf(request, {.subprotocol = "", .origins = c.allowed, .deflate = true}),
              c.may ? 101 : 403)
        << c.host << " from " << c.origin;
  }
}

// Section 4.2.2, point 5, and 11.3.4: one of those offered, which are all different.
TEST(Handshake, Subprotocols) {
  const HandshakeRules rules{.subprotocol = "esockets.v1", .origins = {}, .deflate = true};
  EXPECT_EQ(StatusOf(Good(), rules), 400);
  const std::pair<std::string_view, int> cases[] = {
      {"esockets.v1", 101},
      {"mqtt, esockets.v1", 101},
      {"esockets.v1,mqtt", 101},
      {"", 400},
      {"mqtt", 400},
      {"esockets.v1.1", 400},
      {"ESockets.v1", 400},
      {"esockets.v1; q=1", 400},
      {"esockets.v1, esockets.v1", 400},
  };
  for (const auto& [offered, status] : cases) {
    EXPECT_EQ(StatusOf(With("sec-websocket-protocol", offered), rules), status) << offered;
  }
  const Request two =
      Adding(With("sec-websocket-protocol", "mqtt"), "sec-websocket-protocol", "esockets.v1");
  EXPECT_EQ(StatusOf(two, rules), 101);
  EXPECT_EQ(Answer(With("sec-websocket-protocol", "x"), {}).response.find("Protocol:"),
            std::string::npos)
      << "none was chosen";
}

// Section 9.1, and section 5 of RFC 7692.
TEST(Handshake, Extensions) {
  const Request offering = With("sec-websocket-extensions", "permessage-deflate");
  EXPECT_TRUE(Answer(offering, {}).deflate.has_value());
  EXPECT_FALSE(
      Answer(offering, {.subprotocol = "", .origins = {}, .deflate = false}).deflate.has_value());
  const Request several = Adding(With("sec-websocket-extensions", "foo"),
                                 "sec-websocket-extensions", "permessage-deflate");
  EXPECT_TRUE(Answer(several, {}).deflate.has_value());
  const Handshake declined =
      Answer(With("sec-websocket-extensions", "permessage-deflate; what"), {});
  EXPECT_FALSE(declined.refusal.has_value());
  EXPECT_FALSE(declined.deflate.has_value());
  EXPECT_EQ(declined.response.find("Extensions"), std::string::npos);
}

}  // namespace
}  // namespace esockets::websocket
