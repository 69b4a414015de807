// What clients send stands in the log as text, never as lines of its own, quotes or colours: by a
// client id, a name, the topic of a will, a filter, a reason.
#include <optional>
#include <sstream>
#include <string>
#include <string_view>

#include "base/log.h"
#include "broker/errors.h"
#include "gtest/gtest.h"
#include "proto/esockets.pb.h"
#include "tests/support/broker_fixture.h"
#include "tests/support/native_peer.h"

namespace esockets::tests {
namespace {

using broker::CloseCode;

// A line as the broker would write it, for whoever reads the log by lines; then one that clears the
// screen of whoever looks at it.
constexpr std::string_view kForged =
    "x\n2026-01-01T00:00:00.000Z info    client connected session=1 client=root\r\n\x1b[2J\"";

class LogInjection : public BrokerFixture {
 protected:
  // All that the broker writes while `what` goes on, and it says goodbye to everybody.
  template <typename What>
  std::string LogOf(What what) {
    Start();
    base::SetLogLevel(base::LogLevel::kDebug);
    testing::internal::CaptureStderr();
    what();
    TearDown();
    std::string log = testing::internal::GetCapturedStderr();
    base::SetLogLevel(base::LogLevel::kWarning);
    return log;
  }
  // Each line is one of ours, and what was sent is in it.
  static void ExpectOneLineEach(const std::string& log) {
    EXPECT_NE(log.find("x\\x0a2026-01-01"), std::string::npos) << log;
    EXPECT_EQ(log.find('\x1b'), std::string::npos) << log;
    EXPECT_EQ(log.find('\r'), std::string::npos) << log;
    std::istringstream lines(log);
    for (std::string line; std::getline(lines, line);) {
      EXPECT_NE(line.substr(0, 11), "2026-01-01T") << "forged: " << line;
      EXPECT_EQ(line.substr(0, 24).find_first_not_of("0123456789-T:.Z"), std::string::npos) << line;
    }
  }
};

TEST_F(LogInjection, ByClientIdNameAndReason) {
  ExpectOneLineEach(LogOf([this] {
    NativePeer peer = Peer();
    ClientFrame hello = ConnectFrame(kForged.substr(0, 60));
    hello.mutable_connect()->set_name(std::string(kForged));
    ASSERT_TRUE(peer.Send(hello));
    ASSERT_TRUE(peer.Receive()->has_connected());
    ClientFrame goodbye;
    goodbye.mutable_disconnect()->set_reason(std::string(kForged));
    ASSERT_TRUE(peer.Send(goodbye));
    ExpectClose(peer, CloseCode::kGoodbye);
  }));
}

TEST_F(LogInjection, ByTopic) {
  ExpectOneLineEach(LogOf([this] {
    NativePeer peer = Peer();
    ClientFrame hello = ConnectFrame("somebody");
    hello.mutable_connect()->mutable_will()->mutable_message()->set_topic("$" +
                                                                          std::string(kForged));
    ASSERT_TRUE(peer.Send(hello));
    ExpectClose(peer, CloseCode::kConnectInvalid);
  }));
}

TEST_F(LogInjection, ByTicket) {
  const std::string log = LogOf([this] {
    NativePeer peer = Peer();
    ClientFrame hello = ConnectFrame("somebody");
    hello.mutable_connect()->set_resume(std::string(kForged));
    ASSERT_TRUE(peer.Send(hello));
    ASSERT_TRUE(peer.Receive()->has_connected()) << "everybody comes in here";
  });
  EXPECT_EQ(log.find("2026-01-01"), std::string::npos) << "it is a secret: " << log;
}

}  // namespace
}  // namespace esockets::tests
