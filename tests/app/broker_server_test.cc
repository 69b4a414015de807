#include "app/broker_server.h"

#include <sys/socket.h>
#include <unistd.h>

#include <future>
#include <memory>
#include <string>
#include <utility>

#include "base/strings.h"
#include "google/protobuf/io/zero_copy_stream_impl.h"
#include "google/protobuf/util/delimited_message_util.h"
#include "gtest/gtest.h"
#include "proto/admin.pb.h"
#include "proto/esockets.pb.h"
#include "server/socket_address.h"
#include "server/unique_fd.h"

namespace esockets::app {
namespace {

using google::protobuf::util::ParseDelimitedFromZeroCopyStream;
using google::protobuf::util::SerializeDelimitedToFileDescriptor;

constexpr base::Duration kLong = std::chrono::minutes(1);

// A blocking client that waits for each frame.
class Client {
 public:
  explicit Client(const server::SocketAddress& address)
      : fd_(::socket(address.family() == server::SocketAddress::Family::kUnix ? AF_UNIX : AF_INET,
                     SOCK_STREAM | SOCK_CLOEXEC, 0)),
        input_(fd_.get()) {
    sockaddr_storage kernel;
    const socklen_t size = address.ToKernel(&kernel);
    EXPECT_EQ(::connect(fd_.get(), reinterpret_cast<sockaddr*>(&kernel), size), 0);
  }

  void Send(const ClientFrame& frame) {
    EXPECT_TRUE(SerializeDelimitedToFileDescriptor(frame, fd_.get()));
  }

  // An empty frame at the end of the connection.
  ServerFrame Receive() {
    ServerFrame frame;
    ParseDelimitedFromZeroCopyStream(&frame, &input_, nullptr);
    return frame;
  }

  Connected Connect(const std::string& token = "") {
    ClientFrame frame;
    frame.mutable_connect()->set_protocol_version(1);
    frame.mutable_connect()->set_token(token);
    Send(frame);
    return Receive().connected();
  }

 private:
  server::UniqueFd fd_;
  google::protobuf::io::FileInputStream input_;
};

BrokerOptions Options() {
  BrokerOptions options;
  options.server.port = 0;
  return options;
}

std::unique_ptr<BrokerServer> Started(BrokerOptions options) {
  auto broker = std::make_unique<BrokerServer>(std::move(options));
  const absl::Status started = broker->Start();
  EXPECT_TRUE(started.ok()) << started;
  return broker;
}

TEST(BrokerServerTest, ServesAClient) {
  const auto broker = Started(Options());
  Client client(broker->server().addresses()[0]);
  EXPECT_EQ(client.Connect().server(), BrokerVersion());
  EXPECT_EQ(broker->metrics().clients.value(), 1U);
}

TEST(BrokerServerTest, ListensOnAUnixSocketAndRemovesIt) {
  const std::string path = base::StrCat("/tmp/broker_server_test.", ::getpid());
  BrokerOptions options = Options();
  options.server.listen = {"unix:" + path, "127.0.0.1:0"};
  {
    const auto broker = Started(options);
    for (const server::SocketAddress& address : broker->server().addresses()) {
      EXPECT_EQ(Client(address).Connect().server(), BrokerVersion()) << address.ToString();
    }
  }
  EXPECT_NE(::access(path.c_str(), F_OK), 0);
}

TEST(BrokerServerTest, PortInUseIsAnErrorWithAdvice) {
  const auto first = Started(Options());
  BrokerOptions options = Options();
  options.server.port = first->server().port();
  BrokerServer second(options);
  EXPECT_EQ(base::Message(second.Start()),
            base::StrCat("cannot listen on 127.0.0.1:", options.server.port,
                         ": Address already in use; another process listens there: stop it or "
                         "choose another port"));
}

TEST(BrokerServerTest, ReplacedSettingsHoldForWhoComesAndForWhoIsHere) {
  const auto broker = Started(Options());
  Client before(broker->server().addresses()[0]);
  EXPECT_EQ(before.Connect().limits().subscriptions_max(), 10'000U);

  broker::Settings settings;
  settings.limits.subscriptions_max = 7;
  auto users = std::make_shared<broker::LocalAuthenticator>();
  users->AddToken("a", "secret", false);
  settings.authenticator = users;
  EXPECT_TRUE(broker->Replace(settings));

  Client right(broker->server().addresses()[0]);
  EXPECT_EQ(right.Connect("secret").limits().subscriptions_max(), 7U);
  Client wrong(broker->server().addresses()[0]);
  EXPECT_FALSE(wrong.Connect("guess").has_limits());

  EXPECT_EQ(before.Receive().close().code(),
            static_cast<uint32_t>(broker::CloseCode::kCredentialsRevoked));
}

// "Reloaded" is said when it is true.
TEST(BrokerServerTest, ReplaceReturnsWhenEveryLoopHasTheSettings) {
  BrokerOptions options = Options();
  options.server.loops = 2;
  const auto broker = Started(options);
  std::promise<void> release;
  broker->server().loop(1).Post([wait = release.get_future().share()] { wait.wait(); });
  auto replaced =
      std::async(std::launch::async, [&] { return broker->Replace(broker::Settings()); });
  EXPECT_EQ(replaced.wait_for(std::chrono::milliseconds(50)), std::future_status::timeout);
  release.set_value();
  EXPECT_TRUE(replaced.get());
  broker->Stop();
  EXPECT_TRUE(broker->Replace(broker::Settings())) << "nobody is waited for who is gone";
}

TEST(BrokerServerTest, DrainTellsEveryClientAndStops) {
  const auto broker = Started(Options());
  EXPECT_FALSE(broker->draining());
  std::future<void> drained;
  {
    Client silent(broker->server().addresses()[0]);  // sends no Connect
    Client connected(broker->server().addresses()[0]);
    connected.Connect();
    drained = std::async(std::launch::async, [&] { broker->Drain(kLong); });
    EXPECT_EQ(connected.Receive().go_away().code(), 250U);
    EXPECT_TRUE(broker->draining());
    const ServerFrame close = connected.Receive();
    EXPECT_EQ(close.close().code(), 250U);
    EXPECT_TRUE(close.close().retryable());
    EXPECT_EQ(silent.Receive().close().code(), 250U);
  }
  drained.wait();
  EXPECT_TRUE(broker->stopped());
}

TEST(BrokerServerTest, ShowsEveryLoopToTheDoorOfAdministration) {
  BrokerOptions options = Options();
  options.server.loops = 2;
  const auto broker = Started(options);
  const http::BrokerAccess access = broker->admin_access();
  ASSERT_EQ(access.loops.size(), 2U);
  EXPECT_EQ(access.loops[1].loop, &broker->server().loop(1));
  EXPECT_EQ(&access.loops[0].shard->metrics, &broker->metrics());
  EXPECT_FALSE(access.draining());
  broker->Stop();
  EXPECT_TRUE(access.draining());
}

TEST(BrokerServerTest, ARequestToDrainReachesTheApplication) {
  std::promise<void> asked;
  BrokerOptions options = Options();
  options.on_drain_request = [&] { asked.set_value(); };
  const auto broker = Started(options);
  Client client(broker->server().addresses()[0]);
  client.Connect();
  ClientFrame request;
  request.mutable_publish()->set_id(1);
  request.mutable_publish()->set_topic("$SYS/drain");
  request.mutable_publish()->set_reply_to("answer");
  client.Send(request);
  admin::Drain answer;
  EXPECT_TRUE(answer.ParseFromString(client.Receive().message().payload()));
  EXPECT_EQ(answer.clients(), 1U);
  asked.get_future().wait();
}

}  // namespace
}  // namespace esockets::app
