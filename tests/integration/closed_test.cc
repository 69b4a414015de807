// How connections end, over real sockets: each kind of ending is remembered in $SYS/closed with its
// code, its reason and the figures of that moment.
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "broker/errors.h"
#include "broker/limits.h"
#include "gtest/gtest.h"
#include "proto/admin.pb.h"
#include "proto/esockets.pb.h"
#include "tests/support/broker_fixture.h"
#include "tests/support/native_peer.h"

namespace esockets::tests {
namespace {

using broker::CloseCode;

uint64_t WallMicros() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(now).count());
}

ClientFrame DisconnectFrame(std::string_view reason) {
  ClientFrame frame;
  frame.mutable_disconnect()->set_reason(std::string(reason));
  return frame;
}

class Closed : public BrokerFixture {
 protected:
  static admin::Closed AskClosed(NativePeer& administrator, std::string_view client_id = {}) {
    admin::ClosedRequest request;
    request.set_client_id(std::string(client_id));
    admin::Closed closed;
    const auto reply = administrator.Ask("$SYS/closed", request.SerializeAsString());
    EXPECT_TRUE(reply && closed.ParseFromString(*reply));
    return closed;
  }

  // Once the broker has noticed it.
  static admin::ClosedClient EndingOf(NativePeer& administrator, std::string_view client_id) {
    admin::Closed closed = AskClosed(administrator, client_id);
    while (closed.clients_size() == 0 && !HasFailure()) {
      closed = AskClosed(administrator, client_id);
    }
    EXPECT_EQ(closed.clients_size(), 1);
    return closed.clients_size() == 0 ? admin::ClosedClient() : closed.clients(0);
  }

  static void ExpectReason(const admin::ClosedClient& closed, CloseCode code,
                           std::string_view detail) {
    const broker::CloseInfo& info = broker::Info(code);
    EXPECT_EQ(closed.code(), static_cast<uint32_t>(code));
    EXPECT_EQ(closed.reason(), info.name);
    EXPECT_EQ(closed.text(), info.text);
    EXPECT_EQ(closed.advice(), info.advice);
    EXPECT_EQ(closed.detail(), detail);
  }

  static std::vector<std::string> KindsOf(const admin::ClosedClient& closed) {
    std::vector<std::string> kinds;
    for (const admin::FlightEntry& step : closed.flight()) kinds.push_back(step.kind());
    return kinds;
  }
};

// --- each kind of ending ------------------------------------------------------------------------

struct EndingCase {
  std::string_view name;
  CloseCode code;
  std::string_view detail;
  void (*end)(NativePeer& client, NativePeer& administrator, NativePeer& rival);
  bool has_flight = true;
};

void PrintTo(const EndingCase& ending, std::ostream* out) { *out << ending.name; }

class Endings : public Closed, public testing::WithParamInterface<EndingCase> {
 protected:
  // Publishes three messages and receives two.
  static void Live(NativePeer& client, NativePeer& publisher) {
    ASSERT_TRUE(client.Subscribe("news"));
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(client.Send(PublishFrame("elsewhere", "x", 0)));
    ASSERT_TRUE(client.Ping());
    for (int i = 0; i < 2; ++i) ASSERT_TRUE(publisher.Send(PublishFrame("news", "y", 0)));
    for (int i = 0; i < 2; ++i) {
      const auto frame = client.Receive();
      ASSERT_TRUE(frame && frame->has_message());
    }
  }
};

TEST_P(Endings, IsRememberedWithItsReasonAndItsFigures) {
  StartWithBystanders();
  NativePeer administrator = ConnectedPeer("administrator");
  const uint64_t before = WallMicros();
  NativePeer client = Peer();
  ClientFrame connect = ConnectFrame("ann");
  connect.mutable_connect()->set_name("ann's phone");
  ASSERT_TRUE(client.Send(connect));
  ASSERT_TRUE(client.Receive()->has_connected());
  ASSERT_NO_FATAL_FAILURE(Live(client, administrator));
  const admin::Client living = Look(administrator, "ann");
  NativePeer rival = Peer();
  GetParam().end(client, administrator, rival);

  const admin::ClosedClient closed = EndingOf(administrator, "ann");
  std::string detail(GetParam().detail);
  if (GetParam().code == CloseCode::kTakenOver) {
    detail += std::to_string(Look(administrator, "ann").session_id());
  }
  ExpectReason(closed, GetParam().code, detail);
  EXPECT_EQ(Count(GetParam().code), 1U);
  EXPECT_EQ(closed.session_id(), living.session_id());
  EXPECT_EQ(closed.client_id(), "ann");
  EXPECT_EQ(closed.name(), "ann's phone");
  EXPECT_EQ(closed.address(), living.address());
  EXPECT_EQ(closed.transport(), "tcp");
  EXPECT_GE(closed.connected_ms(), living.connected_ms());
  EXPECT_GE(closed.closed_us(), before + closed.connected_ms());
  EXPECT_LE(closed.closed_us(), WallMicros());
  EXPECT_EQ(closed.messages_in_total(), 3U);
  EXPECT_EQ(closed.messages_out_total(), 2U);
  EXPECT_GE(closed.bytes_in_total(), living.bytes_in_total());
  EXPECT_EQ(closed.bytes_out_total(), living.bytes_out_total());
  EXPECT_EQ(closed.dropped_messages_total() + closed.send_queue_bytes() + closed.backlog_bytes(),
            0U);
  const std::vector<std::string> kinds = KindsOf(closed);
  EXPECT_EQ(std::ranges::count(kinds, "publish"), GetParam().has_flight ? 1 : 0);
  if (GetParam().has_flight) {
    EXPECT_EQ(kinds.front(), "connect");
  }
  EXPECT_EQ(AskClosed(administrator).clients(0).flight_size(), 0) << "not of all at once";
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, Endings,
    testing::Values(
        EndingCase{.name = "Goodbye",
                   .code = CloseCode::kGoodbye,
                   .detail = "going home",
                   .end = [](NativePeer& client, NativePeer&,
                             NativePeer&) { client.Send(DisconnectFrame("going home")); },
                   .has_flight = false},
        EndingCase{.name = "LeftWithoutAWord",
                   .code = CloseCode::kLeft,
                   .detail = "",
                   .end = [](NativePeer& client, NativePeer&, NativePeer&) { client.Disappear(); }},
        EndingCase{.name = "Reset",
                   .code = CloseCode::kConnectionLost,
                   .detail = "Connection reset by peer",
                   .end = [](NativePeer& client, NativePeer&, NativePeer&) { client.Reset(); }},
        EndingCase{.name = "ProtocolError",
                   .code = CloseCode::kProtocolError,
                   .detail = "a frame of an unknown kind",
                   .end = [](NativePeer& client, NativePeer&,
                             NativePeer&) { client.SendRaw(Framed("\x7A\x01x")); }},
        EndingCase{.name = "LeftInsideAFrame",
                   .code = CloseCode::kProtocolError,
                   .detail = "the stream ended inside a frame",
                   .end =
                       [](NativePeer& client, NativePeer&, NativePeer&) {
                         client.SendRaw("\x05\x22");
                         client.EndOutput();
                       }},
        EndingCase{.name = "TakenOver",
                   .code = CloseCode::kTakenOver,
                   .detail = "by session ",
                   .end = [](NativePeer&, NativePeer&,
                             NativePeer& rival) { ASSERT_TRUE(rival.Connect("ann")); }},
        EndingCase{.name = "Kicked",
                   .code = CloseCode::kKicked,
                   .detail = "too loud",
                   .end =
                       [](NativePeer&, NativePeer& administrator, NativePeer&) {
                         admin::KickRequest kick;
                         kick.set_client_id("ann");
                         kick.set_reason("too loud");
                         ASSERT_TRUE(administrator.Ask("$SYS/kick", kick.SerializeAsString()));
                       }}),
    [](const auto& one) { return std::string(one.param.name); });

TEST_F(Closed, AClientThatPromisedASignOfLife) {
  StartWithBystanders();
  NativePeer administrator = ConnectedPeer();
  NativePeer client = Peer();
  ClientFrame connect = ConnectFrame("quiet");
  connect.mutable_connect()->set_keep_alive_ms(20);
  ASSERT_TRUE(client.Send(connect));
  ASSERT_TRUE(client.Receive()->has_connected());
  const std::string detail = ExpectClose(client, CloseCode::kKeepAliveTimeout);
  const admin::ClosedClient closed = EndingOf(administrator, "quiet");
  ExpectReason(closed, CloseCode::kKeepAliveTimeout, detail);
  EXPECT_NE(detail.find("silent for "), std::string::npos) << detail;
  EXPECT_GE(closed.connected_ms(), 30U);
}

TEST_F(Closed, AConnectionThatNeverSaidConnect) {
  app::BrokerOptions options = DefaultOptions();
  StartWithBystanders(options);
  NativePeer administrator = ConnectedPeer();
  options.settings.limits.connect_timeout = std::chrono::milliseconds(20);
  Replace(options.settings);
  NativePeer silent = Peer();
  ExpectClose(silent, CloseCode::kConnectTimeout);
  const admin::Closed closed = AskClosed(administrator);
  ASSERT_EQ(closed.clients_size(), 1);
  ExpectReason(closed.clients(0), CloseCode::kConnectTimeout, "limit 20 ms");
  EXPECT_EQ(closed.clients(0).client_id(), "");
  EXPECT_GT(closed.clients(0).session_id(), 0U);
  EXPECT_EQ(closed.clients(0).connected_ms(), 0U);
  EXPECT_EQ(closed.clients(0).bytes_in_total(), 0U);
}

// --- one that does not keep up ------------------------------------------------------------------

TEST_F(Closed, ASlowConsumerWithTheStepsThatLedThere) {
  StartWithBystanders();
  NativePeer administrator = ConnectedPeer();
  NativePeer publisher = ConnectedPeer();
  NativePeer reader = ConnectedPeer("reader", {.receive_buffer_bytes = 16 * 1024});
  ClientFrame subscribe = SubscribeFrame(reader.NextId(), "t");
  subscribe.mutable_subscribe()->set_overflow(OVERFLOW_DISCONNECT);
  subscribe.mutable_subscribe()->set_max_backlog_messages(100);
  ASSERT_TRUE(reader.Send(subscribe));
  ASSERT_TRUE(reader.Receive()->has_subscribed());
  while (Count(CloseCode::kSlowConsumer) == 0) {
    ASSERT_TRUE(publisher.Send(PublishFrame("t", std::string(1500, 'x'), 0)));
    ASSERT_TRUE(publisher.Ping());
  }
  const admin::ClosedClient closed = EndingOf(administrator, "reader");
  ExpectReason(closed, CloseCode::kSlowConsumer, closed.detail());
  for (const std::string_view figure : {"filter t: 100 messages of ", "limits 100 messages"}) {
    EXPECT_NE(closed.detail().find(figure), std::string::npos) << closed.detail();
  }
  EXPECT_EQ(closed.backlog_messages(), 100U);
  EXPECT_GT(closed.backlog_bytes(), 100U * 1500U);
  EXPECT_GT(closed.send_queue_bytes(), broker::Limits().high_watermark_bytes / 2);
  EXPECT_GT(closed.kernel_unsent_bytes(), 0U);

  const std::vector<std::string> kinds = KindsOf(closed);
  const auto refused = std::ranges::find(kinds, "refused");
  ASSERT_NE(refused, kinds.end()) << closed.ShortDebugString();
  EXPECT_NE(std::find(kinds.begin(), refused, "flush"), refused) << "the kernel took some first";
  EXPECT_TRUE(std::ranges::is_sorted(closed.flight(), {}, &admin::FlightEntry::time_us));
  EXPECT_TRUE(std::ranges::is_sorted(closed.flight(), {}, &admin::FlightEntry::queue_bytes))
      << closed.ShortDebugString();
  EXPECT_GT(closed.flight().rbegin()->queue_bytes(), 0U);
}

// --- many ---------------------------------------------------------------------------------------

TEST_F(Closed, OfMoreThanAThousandTheOldestAreForgotten) {
  constexpr int kMore = 50;
  constexpr int kKept = broker::kPastSessionsMax;
  StartWithBystanders();
  NativePeer administrator = ConnectedPeer();
  for (int i = 0; i < kKept + kMore; ++i) {
    NativePeer client = ConnectedPeer(base::StrCat("guest-", i));
    ASSERT_TRUE(client.Send(DisconnectFrame("")));
    ExpectClose(client, CloseCode::kGoodbye);
  }
  const admin::Closed closed = AskClosed(administrator);
  ASSERT_EQ(closed.clients_size(), kKept);
  EXPECT_FALSE(closed.more());
  for (int i = 0; i < kKept; ++i) {
    ASSERT_EQ(closed.clients(i).client_id(), base::StrCat("guest-", kKept + kMore - 1 - i));
  }
  EXPECT_EQ(AskClosed(administrator, base::StrCat("guest-", kMore - 1)).clients_size(), 0);
  EXPECT_EQ(AskClosed(administrator, base::StrCat("guest-", kMore)).clients_size(), 1);
}

TEST_F(Closed, OfTwoLoopsInOneAnswerTheLastFirst) {
  app::BrokerOptions options = DefaultOptions();
  options.server.loops = 2;
  Start(options);
  NativePeer administrator = ConnectedPeer();
  std::vector<NativePeer> clients;
  for (int i = 0; i < 8; ++i) clients.push_back(ConnectedPeer(base::StrCat("guest-", i)));
  admin::Info info;
  ASSERT_TRUE(info.ParseFromString(administrator.Ask("$SYS/info", "").value_or("")));
  ASSERT_EQ(info.loop_size(), 2);
  for (const admin::Loop& loop : info.loop()) ASSERT_GE(loop.clients(), 4U);

  const int order[] = {0, 2, 1, 3, 7, 5, 4, 6};
  for (const int i : order) {
    ASSERT_TRUE(clients[static_cast<size_t>(i)].Send(DisconnectFrame("")));
    ExpectClose(clients[static_cast<size_t>(i)], CloseCode::kGoodbye);
  }
  const admin::Closed closed = AskClosed(administrator);
  ASSERT_EQ(closed.clients_size(), 8);
  for (int i = 0; i < 8; ++i) {
    EXPECT_EQ(closed.clients(i).client_id(), base::StrCat("guest-", order[7 - i]));
  }
}

}  // namespace
}  // namespace esockets::tests
