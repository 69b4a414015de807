#include "server/http/http_connection.h"

#include <sys/socket.h>

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/strings.h"
#include "gtest/gtest.h"
#include "server/socket_server.h"
#include "server/tls/live_context.h"
#include "server/tls/server_context.h"
#include "server/tls/ticket_keys.h"
#include "server/tls/tls_door.h"
#include "tests/support/test_authority.h"
#include "tests/support/test_client.h"
#include "tests/support/tls_peer.h"

namespace esockets::http {
namespace {

constexpr base::Duration kShort = std::chrono::milliseconds(50);

// Answers with the target of the request, and what the test adds.
struct EchoHandler final : RequestHandler {
  void Handle(const Request& request, Done done) override {
    ++handled;
    if (on_request) return on_request(request, std::move(done));
    done(PlainText(request.target + request.body));
  }
  std::function<void(const Request&, Done)> on_request;
  std::atomic<int> handled{0};
};

class HttpConnectionTest : public ::testing::Test {
 protected:
  void Start(server::Door door = {}) {
    server::SocketServerOptions options;
    options.port = 0;
    options.door = std::move(door);
    options.make_handler = [this](server::Connection& connection) {
      return std::make_unique<HttpConnection>(&handler_, &limits_, &connection);
    };
    server_ = std::make_unique<server::SocketServer>(options, &events_);
    ASSERT_TRUE(server_->Start().ok());
  }
  tests::TestClient Connect(int receive_buffer_bytes = 0) {
    return tests::TestClient(server_->addresses()[0], receive_buffer_bytes);
  }
  // Status and body of the next answer.
  static std::string NextAnswer(tests::TestClient& client) {
    std::string head;
    while (!head.ends_with("\r\n\r\n")) {
      const std::string byte = client.Receive(1);
      if (byte.empty()) return head;
      head += byte;
    }
    constexpr std::string_view kLength = "Content-Length: ";
    const size_t at = head.find(kLength) + kLength.size();
    return head.substr(9, 3) + " " + client.Receive(std::stoul(head.substr(at)));
  }

  Limits limits_;
  EchoHandler handler_;
  server::ServerHandler events_;
  std::unique_ptr<server::SocketServer> server_;
};

std::string Get(std::string_view target, std::string_view fields = {}) {
  return base::StrCat("GET ", target, " HTTP/1.1\r\nHost: a\r\n", fields, "\r\n");
}

TEST_F(HttpConnectionTest, AnswersOneRequestAfterTheOther) {
  Start();
  tests::TestClient client = Connect();
  for (const std::string_view target : {"/1", "/2", "/3"}) {
    ASSERT_TRUE(client.Send(Get(target)));
    EXPECT_EQ(NextAnswer(client), base::StrCat("200 ", target));
  }
}

TEST_F(HttpConnectionTest, PipelinedRequestsAreAnsweredInOrder) {
  constexpr int kRequests = 1000;
  // Each answer comes later: the next request may not overtake it.
  handler_.on_request = [this](const Request& request, RequestHandler::Done done) {
    server_->loop(0).Post(
        [target = request.target, done = std::move(done)] { done(PlainText(target)); });
  };
  Start();
  tests::TestClient client = Connect();
  std::string all;
  for (int i = 0; i < kRequests; ++i) all += Get("/" + std::to_string(i));
  ASSERT_TRUE(client.Send(all));
  for (int i = 0; i < kRequests; ++i) ASSERT_EQ(NextAnswer(client), base::StrCat("200 /", i));
}

TEST_F(HttpConnectionTest, ClosesWhenItIsAskedTo) {
  Start();
  for (const std::string& request :
       {Get("/", "Connection: close\r\n"), std::string("GET / HTTP/1.0\r\n\r\n")}) {
    tests::TestClient client = Connect();
    ASSERT_TRUE(client.Send(request + Get("/none")));
    EXPECT_TRUE(client.ReceiveAll().starts_with("HTTP/1.1 200 OK\r\n"));
    EXPECT_TRUE(client.ended());
  }
  EXPECT_EQ(handler_.handled, 2);
}

TEST_F(HttpConnectionTest, ARequestKnowsWhetherItWasEncrypted) {
  handler_.on_request = [](const Request& request, RequestHandler::Done done) {
    done(PlainText(request.encrypted ? "https" : "http"));
  };
  Start();
  tests::TestClient client = Connect();
  ASSERT_TRUE(client.Send(Get("/")));
  EXPECT_EQ(NextAnswer(client), "200 http");

  tests::TestAuthority authority;
  const auto issued = authority.Issue(tests::LoopbackServer());
  tls::ServerSettings settings;
  settings.certificates = {{issued.chain_file, issued.key_file}};
  auto context = tls::ServerContext::Load(std::move(settings), tls::TicketKeys::OfProcess());
  ASSERT_TRUE(context.ok()) << context.status();
  Start(tls::MakeTlsDoor(std::make_shared<tls::LiveContext>(*std::move(context))));
  tests::TlsPeer peer(server_->addresses()[0], {.ca_file = authority.ca_file()});
  ASSERT_TRUE(peer.Send(Get("/", "Connection: close\r\n")));
  EXPECT_TRUE(peer.ReceiveAll().ends_with("\r\n\r\nhttps"));
}

TEST_F(HttpConnectionTest, HeadHasNoBody) {
  Start();
  tests::TestClient client = Connect();
  ASSERT_TRUE(client.Send("HEAD /12345 HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"));
  const std::string answer = client.ReceiveAll();
  EXPECT_NE(answer.find("Content-Length: 6\r\n"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("\r\n\r\n"));
}

TEST_F(HttpConnectionTest, AfterAMistakeNothingMoreIsRead) {
  Start();
  const struct {
    std::string bytes;
    std::string_view status;
  } kCases[] = {
      {"GARBAGE\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\n\r\n", "400"},
      {"GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(9000, 'x'), "431"},
      {"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 70000\r\n\r\n", "413"},
      {"POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n", "417"},
  };
  for (const auto& test : kCases) {
    tests::TestClient client = Connect();
    ASSERT_TRUE(client.Send(test.bytes + Get("/smuggled")));
    const std::string answer = client.ReceiveAll();
    EXPECT_TRUE(client.ended()) << "in good order";
    EXPECT_TRUE(answer.starts_with(base::StrCat("HTTP/1.1 ", test.status, " "))) << answer;
    EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos);
    EXPECT_EQ(answer.find("HTTP/1.1", 1), std::string::npos) << "one answer alone";
  }
  EXPECT_EQ(handler_.handled, 0);
}

// A byte now and then: the deadline is that of the whole request.
TEST_F(HttpConnectionTest, ASlowRequestIsCutOff) {
  limits_.request_timeout = kShort;
  Start();
  for (const std::string_view begin :
       {"G", "GET / HTTP/1.1\r\nX-a: b\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc"}) {
    tests::TestClient client = Connect();
    ASSERT_TRUE(client.Send(begin));
    const std::string answer = client.ReceiveAll();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 408 Request Timeout\r\n")) << answer;
    EXPECT_TRUE(client.ended());
  }
  EXPECT_EQ(handler_.handled, 0);
}

TEST_F(HttpConnectionTest, WhoTricklesIsCutOffAsWell) {
  limits_.request_timeout = kShort;
  limits_.head_bytes_max = 16 << 20;
  Start();
  tests::TestClient client = Connect();
  ASSERT_TRUE(client.Send("GET / HTTP/1.1\r\nX: "));
  // It never stops of itself: only the deadline ends this, or the limit of the head.
  char answered = 0;
  while (::recv(client.fd(), &answered, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && client.Send("y")) {
  }
  EXPECT_TRUE(client.ReceiveAll().starts_with("HTTP/1.1 408 Request Timeout\r\n"));
}

TEST_F(HttpConnectionTest, WhoSaysNothingIsCutOff) {
  limits_.request_timeout = kShort;
  Start();
  tests::TestClient client = Connect();
  EXPECT_EQ(client.ReceiveAll(), "");
  EXPECT_TRUE(client.ended());
}

TEST_F(HttpConnectionTest, AnIdleConnectionIsClosed) {
  limits_.idle_timeout = kShort;
  Start();
  tests::TestClient client = Connect();
  ASSERT_TRUE(client.Send(Get("/")));
  EXPECT_EQ(NextAnswer(client), "200 /");
  EXPECT_EQ(client.ReceiveAll(), "");
  EXPECT_TRUE(client.ended());
}

TEST_F(HttpConnectionTest, WhoTakesNoAnswersIsNotAskedForMore) {
  limits_.send_timeout = kShort;
  std::promise<void> asked;
  handler_.on_request = [&](const Request&, const RequestHandler::Done& done) {
    if (handler_.handled == 1) asked.set_value();
    done(PlainText(std::string(4 << 20, 'x')));
  };
  Start();
  tests::TestClient client = Connect(4096);
  std::string all;
  for (int i = 0; i < 100; ++i) all += Get("/");
  ASSERT_TRUE(client.Send(all));
  asked.get_future().wait();
  // Nothing is read, until the broker gives up: it has answered what the kernel could take.
  EXPECT_TRUE(server_->WaitUntilEmpty(std::chrono::seconds(30)));
  EXPECT_LE(handler_.handled, 3);
}

TEST_F(HttpConnectionTest, AnAnswerThatComesTooLateFindsNobody) {
  std::promise<RequestHandler::Done> asked;
  handler_.on_request = [&](const Request&, RequestHandler::Done done) {
    asked.set_value(std::move(done));
  };
  Start();
  tests::TestClient client = Connect();
  ASSERT_TRUE(client.Send(Get("/")));
  const RequestHandler::Done done = asked.get_future().get();
  client.Reset();
  ASSERT_TRUE(server_->WaitUntilEmpty(std::chrono::seconds(30)));
  std::promise<void> answered;
  server_->loop(0).Post([&] {
    done(PlainText("late"));
    answered.set_value();
  });
  answered.get_future().wait();
}

TEST_F(HttpConnectionTest, WhoHasSaidAllMayStillRead) {
  Start();
  tests::TestClient client = Connect();
  ASSERT_TRUE(client.Send(Get("/1") + Get("/2")));
  client.ShutDown();
  EXPECT_EQ(NextAnswer(client), "200 /1");
  EXPECT_EQ(NextAnswer(client), "200 /2");
  EXPECT_EQ(client.ReceiveAll(), "");
  EXPECT_TRUE(client.ended());
}

}  // namespace
}  // namespace esockets::http
