// Everything that a client can do wrong, to a whole broker over real sockets. Each offender gets
// the code, text and advice of broker/errors.h, the counter of that reason counts once, and the
// bystanders of the fixture notice nothing.
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "base/topic.h"
#include "broker/errors.h"
#include "broker/limits.h"
#include "broker/local_authenticator.h"
#include "gtest/gtest.h"
#include "proto/admin.pb.h"
#include "tests/support/broker_fixture.h"
#include "tests/support/native_peer.h"

namespace esockets::tests {
namespace {

using broker::CloseCode;
using broker::ErrorCode;

class BadInput : public BrokerFixture {};

template <typename Case>
std::string NameOf(const ::testing::TestParamInfo<Case>& info) {
  return std::string(info.param.name);
}

std::string Text(size_t bytes) { return std::string(bytes, 'x'); }

std::string Repeated(std::string_view piece, int times) {
  std::string text;
  for (int i = 0; i < times; ++i) text.append(piece);
  return text;
}

ClientFrame Frame(const std::function<void(ClientFrame*)>& fill) {
  ClientFrame frame;
  fill(&frame);
  return frame;
}

// Every case below is sent by a client that is new, or that has been let in.
enum class Sender { kNew, kConnected };

// --- bytes that end the connection
// ----------------------------------------------------------------

struct FatalCase {
  std::string_view name;
  Sender sender;
  std::string bytes;
  CloseCode code;
  std::string_view detail;
};

void PrintTo(const FatalCase& fatal, std::ostream* out) { *out << fatal.name; }

class FatalInput : public BrokerFixture, public ::testing::WithParamInterface<FatalCase> {};

TEST_P(FatalInput, IsAnsweredWithClose) {
  StartWithBystanders();
  NativePeer offender = GetParam().sender == Sender::kNew ? Peer() : ConnectedPeer("offender");
  const uint64_t before = Count(GetParam().code);
  EXPECT_TRUE(offender.SendRaw(GetParam().bytes));
  EXPECT_EQ(ExpectClose(offender, GetParam().code), GetParam().detail);
  EXPECT_EQ(Count(GetParam().code), before + 1);
  offender.Disappear();
  EXPECT_TRUE(WaitUntil([&] { return broker().server().open_clients() == 2; }));
}

ClientFrame ConnectWith(const std::function<void(Connect*)>& change) {
  ClientFrame frame = ConnectFrame();
  change(frame.mutable_connect());
  return frame;
}

// A Publish whose body has these bytes in front.
std::string PublishOf(std::string_view bytes) {
  std::string body(bytes);
  body += "\x0A\x01t";
  return Framed("\x22" + Framed(body));
}

std::vector<FatalCase> FatalCases() {
  using enum Sender;
  using enum CloseCode;
  constexpr std::string_view kFrameLimit = "limit 1048576 bytes";
  constexpr std::string_view kFirstLimit = "limit 65536 bytes";
  constexpr std::string_view kBadLength = "the length of a frame is malformed";
  return {
      // Lengths.
      {"FrameLongerThanTheLimit", kConnected, "\x81\x80\x40", kFrameTooLarge, kFrameLimit},
      {"FirstFrameLongerThanItsLimit", kNew, "\x81\x80\x04\x0A", kFirstPacketTooLarge, kFirstLimit},
      {"LengthThatNeverEnds", kConnected, std::string(64, '\x80'), kProtocolError, kBadLength},
      {"FirstLengthThatNeverEnds", kNew, std::string(64, '\x80'), kProtocolError, kBadLength},
      {"LengthOfOnesThatNeverEnds", kConnected, std::string(64, '\xFF'), kFrameTooLarge,
       kFrameLimit},
      {"Length2To31", kConnected, "\x80\x80\x80\x80\x08", kFrameTooLarge, kFrameLimit},
      {"FirstLength2To31", kNew, "\x80\x80\x80\x80\x08", kFirstPacketTooLarge, kFirstLimit},
      {"Length0", kConnected, std::string(1, '\0'), kProtocolError, kBadLength},

      // Garbage before Connect. HTTP, TLS and MQTT are answered in their own words: websocket_test.
      {"Zeros", kNew, std::string(100, '\0'), kUnknownProtocol, ""},
      {"GarbageLikeALength", kNew, "\x85\x01garbage" + Text(200), kProtocolError,
       "a malformed field tag"},
      {"PingBeforeConnect", kNew, Framed(PingFrame(1)), kUnknownProtocol, ""},
      {"PublishBeforeConnect", kNew, Framed(PublishFrame("t", Text(200))), kConnectExpected, ""},

      // Frames that are none.
      {"ConnectTwice", kConnected, Framed(ConnectFrame("offender")), kConnectedTwice, ""},
      {"UnknownKind", kConnected, Framed("\x7A\x01x"), kProtocolError,
       "a frame of an unknown kind"},
      {"TwoKinds", kConnected, Framed(std::string("\x2A\x00\x2A\x00", 4)), kProtocolError,
       "a frame with more than one kind"},
      {"UnknownField", kConnected, PublishOf("\x5A\x01x"), kProtocolError,
       "a field that the message does not have"},
      {"StampOfTheBroker", kConnected, PublishOf("\x80\x01\x05"), kProtocolError,
       "a field that only the broker may set"},
      {"FieldTwice", kConnected, PublishOf("\x0A\x01t"), kProtocolError,
       "a singular field that comes twice"},
      {"NestedGroups", kConnected, Framed(Repeated("\x0B", 1000) + Repeated("\x0C", 1000)),
       kProtocolError, "a group"},
      {"NestedGroupsInside", kConnected, PublishOf(Repeated("\x0B", 50) + Repeated("\x0C", 50)),
       kProtocolError, "a group"},
      {"FieldLongerThanItsFrame", kConnected, Framed("\x22\x05\x0A\x09t"), kProtocolError,
       "a field that ends too early"},
      {"TopicNotUtf8", kConnected, Framed("\x22\x04\x0A\x02\xC3\x28"), kProtocolError,
       "a string that is not UTF-8"},
      {"TtlNegative", kConnected, PublishOf("\x30" + Repeated("\xFF", 9) + "\x01"), kProtocolError,
       "a number too large for its field"},
      {"TtlOverflowing", kConnected, PublishOf("\x30\x80\x80\x80\x80\x10"), kProtocolError,
       "a number too large for its field"},
      {"ConfirmOverflowing", kConnected, PublishOf("\x48\x80\x80\x80\x80\x10"), kProtocolError,
       "a number too large for its field"},
      {"FilterNotUtf8", kConnected, Framed("\x12\x06\x08\x01\x12\x02\xC3\x28"), kProtocolError,
       "a string that is not UTF-8"},

      // Connects that are not acceptable.
      {"NoVersion", kNew, Framed(ConnectWith([](Connect* c) { c->set_protocol_version(0); })),
       kUnsupportedVersion, "version 0 was asked for; this is 1"},
      {"Version2", kNew, Framed(ConnectWith([](Connect* c) { c->set_protocol_version(2); })),
       kUnsupportedVersion, "version 2 was asked for; this is 1"},
      {"ClientIdTooLong", kNew, Framed(ConnectFrame(Text(65))), kClientIdInvalid,
       "65 bytes; limit 64"},
      {"NameTooLong", kNew, Framed(ConnectWith([](Connect* c) { c->set_name(Text(129)); })),
       kConnectInvalid, "a name of 129 bytes; limit 128"},
      {"MetadataTooLong", kNew,
       Framed(ConnectWith([](Connect* c) { (*c->mutable_metadata())["k"] = Text(1024); })),
       kConnectInvalid, "metadata of 1 entries and 1025 bytes; limits 16 and 1024"},
  };
}

INSTANTIATE_TEST_SUITE_P(BadInput, FatalInput, ::testing::ValuesIn(FatalCases()),
                         NameOf<FatalCase>);

// --- requests that fail; the connection goes on
// ---------------------------------------------------

struct RefusedCase {
  std::string_view name;
  ClientFrame request;
  ErrorCode code;
  std::string detail;
};

void PrintTo(const RefusedCase& refused, std::ostream* out) { *out << refused.name; }

class RefusedRequest : public BrokerFixture, public ::testing::WithParamInterface<RefusedCase> {};

constexpr uint64_t kRequestId = 7;

TEST_P(RefusedRequest, IsAnsweredWithError) {
  StartWithBystanders();
  NativePeer offender = ConnectedPeer("offender");
  const ClientFrame& request = GetParam().request;
  EXPECT_TRUE(offender.Send(request));
  const uint64_t id = request.has_subscribe() && request.subscribe().id() == 0 ? 0 : kRequestId;
  EXPECT_EQ(ExpectError(offender, id, GetParam().code), GetParam().detail);
  EXPECT_EQ(Count(GetParam().code), 1);
  EXPECT_TRUE(offender.Ping());
}

RefusedCase Topic(std::string_view name, std::string_view topic, std::string detail) {
  return {name, PublishFrame(topic, "x", kRequestId), ErrorCode::kTopicInvalid, std::move(detail)};
}

RefusedCase Filter(std::string_view name, std::string_view filter, std::string detail) {
  return {name, SubscribeFrame(kRequestId, filter), ErrorCode::kFilterInvalid, std::move(detail)};
}

RefusedCase Publishing(std::string_view name, const std::function<void(Publish*)>& change,
                       ErrorCode code, std::string detail) {
  ClientFrame frame = PublishFrame("t", "x", kRequestId);
  change(frame.mutable_publish());
  return {name, frame, code, std::move(detail)};
}

RefusedCase Subscribing(std::string_view name, const std::function<void(Subscribe*)>& change,
                        ErrorCode code, std::string detail) {
  ClientFrame frame = SubscribeFrame(kRequestId, "t");
  change(frame.mutable_subscribe());
  return {name, frame, code, std::move(detail)};
}

RefusedCase Asking(std::string_view name, std::string_view topic, std::string_view request,
                   ErrorCode code, std::string detail) {
  ClientFrame frame = PublishFrame(topic, request, kRequestId);
  frame.mutable_publish()->set_reply_to("reply");
  return {name, frame, code, std::move(detail)};
}

std::string Words(base::TopicError error) { return std::string(base::TopicErrorText(error)); }

std::vector<RefusedCase> RefusedCases() {
  using base::TopicError;
  using enum ErrorCode;
  const std::string_view with_nul("a\0b", 3);
  admin::KickRequest kick;
  kick.set_client_id("nobody");
  admin::StreamsRequest streams;
  streams.set_name("nothing");
  return {
      Topic("TopicEmpty", "", Words(TopicError::kEmpty)),
      Topic("TopicWithPlus", "a/+/b", Words(TopicError::kWildcard)),
      Topic("TopicWithHash", "a/#", Words(TopicError::kWildcard)),
      Topic("TopicWithNul", with_nul, Words(TopicError::kNul)),
      Topic("TopicTooLong", Text(1025), Words(TopicError::kTooLong)),
      Topic("TopicTooDeep", Repeated("/", 32), Words(TopicError::kTooDeep)),

      Filter("FilterEmpty", "", Words(TopicError::kEmpty)),
      Filter("FilterHashNotLast", "a/#/b", Words(TopicError::kMisplacedWildcard)),
      Filter("FilterPlusInALevel", "a+b", Words(TopicError::kMisplacedWildcard)),
      Filter("FilterHashInALevel", "a#", Words(TopicError::kMisplacedWildcard)),
      Filter("FilterWithNul", with_nul, Words(TopicError::kNul)),
      Filter("FilterTooLong", Text(1025), Words(TopicError::kTooLong)),
      Filter("FilterTooDeep", Repeated("/", 32), Words(TopicError::kTooDeep)),

      {"ReservedTopic", PublishFrame("$x", "x", kRequestId), kReservedTopic, "$x"},
      {"SystemTopicWithoutReplyTo", PublishFrame("$SYS/clients", "", kRequestId), kAdminBadRequest,
       "reply_to is missing"},
      {"RequestWithoutId", SubscribeFrame(0, "t"), kBadRequestId, ""},
      {"NotSubscribed", Frame([](ClientFrame* frame) {
         frame->mutable_unsubscribe()->set_id(kRequestId);
         frame->mutable_unsubscribe()->set_filter("t");
       }),
       kNotSubscribed, ""},

      Publishing(
          "PayloadTooLarge", [](Publish* p) { p->set_payload(Text(1'000'001)); }, kPayloadTooLarge,
          "1000001 bytes; limit 1000000"),
      Publishing(
          "KeyTooLong", [](Publish* p) { p->set_key(Text(257)); }, kKeyTooLong,
          "257 bytes; limit 256"),
      Publishing(
          "TooManyHeaders",
          [](Publish* p) {
            for (int i = 0; i < 33; ++i) p->add_headers()->set_name("h");
          },
          kHeadersTooLarge, "33 headers, the longest text of 1 bytes; limits 32 and 1024"),
      Publishing(
          "HeaderTooLong", [](Publish* p) { p->add_headers()->set_value(Text(1025)); },
          kHeadersTooLarge, "1 headers, the longest text of 1025 bytes; limits 32 and 1024"),
      Publishing(
          "ReplyToWithWildcard", [](Publish* p) { p->set_reply_to("a/+"); }, kReplyToInvalid,
          Words(TopicError::kWildcard)),

      Subscribing(
          "GroupNameIsLong", [](Subscribe* s) { s->set_group(std::string(129, 'g')); },
          kGroupInvalid, "a name of 129 bytes; limit 128"),
      Subscribing(
          "GroupBegins",
          [](Subscribe* s) {
            s->set_group("g");
            s->set_start(START_LAST);
            s->set_start_at(1);
          },
          kGroupInvalid, "start"),
      Subscribing(
          "OverflowIsUnknown", [](Subscribe* s) { s->set_overflow(static_cast<Overflow>(99)); },
          kUnsupported, "overflow 99"),

      Asking("AdminUnknown", "$SYS/nonsense", "", kAdminUnknownRequest, "$SYS/nonsense"),
      Asking("AdminNotUnderstood", "$SYS/kick", "\xFF\xFF", kAdminBadRequest,
             "esockets.admin.KickRequest"),
      Asking("AdminNoSuchClient", "$SYS/kick", kick.SerializeAsString(), kNoSuchClient, "nobody"),
      Asking("AdminNoSuchStream", "$SYS/streams", streams.SerializeAsString(), kNoSuchStream,
             "nothing"),
      Asking("AdminRecvQueueOff", "$SYS/recv", "", kRecvQueueOff, ""),
  };
}

INSTANTIATE_TEST_SUITE_P(BadInput, RefusedRequest, ::testing::ValuesIn(RefusedCases()),
                         NameOf<RefusedCase>);

// --- the way in
// -----------------------------------------------------------------------------------

TEST_F(BadInput, ConnectNeverSent) {
  StartWithBystanders();
  broker::Settings settings;
  settings.limits.connect_timeout = std::chrono::milliseconds(20);
  Replace(settings);
  NativePeer silent = Peer();
  NativePeer halfway = Peer();
  EXPECT_TRUE(halfway.SendRaw(Framed(ConnectFrame("halfway")).substr(0, 5)));
  EXPECT_EQ(ExpectClose(silent, CloseCode::kConnectTimeout), "limit 20 ms");
  EXPECT_EQ(ExpectClose(halfway, CloseCode::kConnectTimeout), "limit 20 ms");
  EXPECT_EQ(Count(CloseCode::kConnectTimeout), 2);
}

TEST_F(BadInput, TruncatedFrameThenEnd) {
  StartWithBystanders();
  NativePeer offender = ConnectedPeer("offender");
  const std::string frame = Framed(PublishFrame("t", Text(1000)));
  EXPECT_TRUE(offender.SendRaw(frame.substr(0, frame.size() - 1)));
  offender.EndOutput();
  EXPECT_EQ(ExpectClose(offender, CloseCode::kProtocolError), "the stream ended inside a frame");
  EXPECT_EQ(Count(CloseCode::kProtocolError), 1);
  // Who goes without listening is only gone.
  NativePeer gone = ConnectedPeer("gone");
  EXPECT_TRUE(gone.SendRaw(frame.substr(0, 3)));
  gone.Reset();
  EXPECT_TRUE(WaitUntil([&] { return broker().server().open_clients() == 2; }));
}

TEST_F(BadInput, ClientIdAlreadyConnected) {
  StartWithBystanders();
  NativePeer older = ConnectedPeer("twin");
  EXPECT_TRUE(older.Subscribe("t"));
  NativePeer newer = ConnectedPeer("twin");
  EXPECT_TRUE(ExpectClose(older, CloseCode::kTakenOver).starts_with("by session "));
  EXPECT_FALSE(broker::Info(CloseCode::kTakenOver).retryable);
  EXPECT_EQ(Count(CloseCode::kTakenOver), 1);
  EXPECT_TRUE(newer.Subscribe("t"));
  EXPECT_TRUE(newer.Ping());
}

TEST_F(BadInput, MoreClientsThanTheLimit) {
  app::BrokerOptions options = DefaultOptions();
  options.settings.limits.clients_max = 3;
  StartWithBystanders(options);
  NativePeer third = ConnectedPeer("third");
  NativePeer fourth = Peer();
  EXPECT_TRUE(fourth.Send(ConnectFrame("fourth")));
  EXPECT_EQ(ExpectClose(fourth, CloseCode::kTooManyClients), "limit 3");
  EXPECT_EQ(Count(CloseCode::kTooManyClients), 1);
  EXPECT_TRUE(third.Ping());
}

// --- who
// ------------------------------------------------------------------------------------------

class WithUsers : public BrokerFixture {
 protected:
  void SetUp() override {
    auto users = std::make_shared<broker::LocalAuthenticator>();
    users->AddToken("bystander", "secret of bystanders", false);
    users->AddToken("machine", "secret of machines", false);
    users->AddPassword("jo", "secret of jo", false);
    users->AddToken("operator", "secret of operators", true);
    app::BrokerOptions options = DefaultOptions();
    options.settings.authenticator = users;
    StartWithBystanders(options, "secret of bystanders");
  }

  NativePeer PeerThatSays(const std::function<void(Connect*)>& change) {
    NativePeer peer = Peer();
    EXPECT_TRUE(peer.Send(ConnectWith(change)));
    return peer;
  }
};

TEST_F(WithUsers, WrongCredentials) {
  const std::function<void(Connect*)> kWrong[] = {
      [](Connect*) {},
      [](Connect* c) { c->set_token("secret of nobody"); },
      [](Connect* c) { c->set_token("secret of jo"); },
      [](Connect* c) { c->set_user("jo"); },
      [](Connect* c) { c->set_user("jo"), c->set_password("secret"); },
      [](Connect* c) { c->set_user("machine"), c->set_password("secret of machines"); },
      [](Connect* c) { c->set_user("jo"), c->set_password("secret of jo"), c->set_token("x"); },
  };
  for (const auto& wrong : kWrong) {
    NativePeer offender = PeerThatSays(wrong);
    EXPECT_EQ(ExpectClose(offender, CloseCode::kNotAuthenticated), "");
  }
  EXPECT_EQ(Count(CloseCode::kNotAuthenticated), std::size(kWrong));
  NativePeer jo =
      PeerThatSays([](Connect* c) { c->set_user("jo"), c->set_password("secret of jo"); });
  EXPECT_TRUE(jo.Receive()->has_connected());
}

TEST_F(WithUsers, AdministrationWithoutTheRight) {
  NativePeer machine = PeerThatSays([](Connect* c) { c->set_token("secret of machines"); });
  EXPECT_TRUE(machine.Receive()->has_connected());
  ClientFrame request = PublishFrame("$SYS/drain", "", machine.NextId());
  request.mutable_publish()->set_reply_to("reply");
  EXPECT_TRUE(machine.Send(request));
  EXPECT_EQ(ExpectError(machine, 1, ErrorCode::kNotPermitted), "administration");
  EXPECT_EQ(Count(ErrorCode::kNotPermitted), 1);

  NativePeer boss = PeerThatSays([](Connect* c) { c->set_token("secret of operators"); });
  EXPECT_TRUE(boss.Receive()->has_connected());
  admin::Info info;
  EXPECT_TRUE(info.ParseFromString(boss.Ask("$SYS/info", "").value_or("\xFF")));
  EXPECT_EQ(info.clients(), 4);
}

TEST_F(WithUsers, ClientIdOfAnotherUser) {
  NativePeer jo = PeerThatSays([](Connect* c) {
    c->set_user("jo"), c->set_password("secret of jo"), c->set_client_id("jo's own");
  });
  EXPECT_TRUE(jo.Receive()->has_connected());
  NativePeer thief = PeerThatSays(
      [](Connect* c) { c->set_token("secret of machines"), c->set_client_id("jo's own"); });
  EXPECT_EQ(ExpectClose(thief, CloseCode::kClientIdInvalid),
            "another user is connected with this id");
  EXPECT_TRUE(jo.Ping());
}

// --- too often, too much
// --------------------------------------------------------------------------

TEST_F(BadInput, SameRequestIdTwice) {
  StartWithBystanders();
  NativePeer offender = ConnectedPeer("offender");
  EXPECT_TRUE(offender.Send(SubscribeFrame(5, "a")));
  EXPECT_EQ(offender.Receive()->subscribed().id(), 5);
  EXPECT_TRUE(offender.Send(SubscribeFrame(5, "b")));
  EXPECT_EQ(ExpectError(offender, 5, ErrorCode::kDuplicateRequestId), "the last one was 5");
  // Not carried out.
  EXPECT_TRUE(offender.Send(PublishFrame("b", "x", 4)));
  EXPECT_EQ(ExpectError(offender, 4, ErrorCode::kDuplicateRequestId), "the last one was 5");
  EXPECT_TRUE(offender.Send(PublishFrame("b", "x", 6)));
  EXPECT_EQ(offender.Receive()->published().id(), 6);
  EXPECT_EQ(Count(ErrorCode::kDuplicateRequestId), 2);
}

TEST_F(BadInput, MoreSubscriptionsThanTheLimit) {
  app::BrokerOptions options = DefaultOptions();
  options.settings.limits.subscriptions_max = 10;
  StartWithBystanders(options);
  NativePeer offender = ConnectedPeer("offender");
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(offender.Subscribe(base::StrCat("t/", i)));
  const uint64_t id = offender.NextId();
  EXPECT_TRUE(offender.Send(SubscribeFrame(id, "t/10")));
  EXPECT_EQ(ExpectError(offender, id, ErrorCode::kTooManySubscriptions), "limit 10");
  EXPECT_EQ(Count(ErrorCode::kTooManySubscriptions), 1);
  EXPECT_TRUE(offender.Subscribe("t/3")) << "other options for one that it has";
  EXPECT_TRUE(offender.Ping());
}

TEST_F(BadInput, OneByteAtATime) {
  StartWithBystanders();
  NativePeer slow = Peer();
  const std::string conversation = Framed(ConnectFrame("slow")) + Framed(SubscribeFrame(1, "t")) +
                                   Framed(PublishFrame("t", Text(300), 2));
  for (const char byte : conversation) {
    EXPECT_TRUE(slow.SendRaw({&byte, 1}));
    OnLoop([] {});  // the broker has a turn for each
  }
  EXPECT_TRUE(slow.Receive()->has_connected());
  EXPECT_EQ(slow.Receive()->subscribed().id(), 1);
  EXPECT_EQ(slow.Receive()->message().payload(), Text(300));
  EXPECT_EQ(slow.Receive()->published().id(), 2);
}

// Publishes until the broker has as much for the client as it keeps.
TEST_F(BadInput, ClientThatNeverReads) {
  app::BrokerOptions options = DefaultOptions();
  options.settings.limits.backlog_bytes_max = 1 << 20;
  StartWithBystanders(options);
  NativePeer deaf = ConnectedPeer("deaf", {.receive_buffer_bytes = 4096});
  EXPECT_TRUE(deaf.Subscribe("t"));
  NativePeer publisher = ConnectedPeer();
  const std::string payload = Text(100'000);
  for (uint64_t id = 1; broker().metrics().dropped_messages_total.value() < 20; ++id) {
    EXPECT_TRUE(publisher.Send(PublishFrame("t", payload, id)));
    ASSERT_EQ(publisher.Receive()->published().id(), id);
  }
  NativePeer administrator = ConnectedPeer();
  const admin::Client shown = Look(administrator, "deaf");
  EXPECT_LE(shown.backlog_bytes(), options.settings.limits.backlog_bytes_max);
  EXPECT_LE(shown.send_queue_bytes(), options.settings.limits.high_watermark_bytes);
  EXPECT_GE(shown.dropped_messages_total(), 20);
}

// Answers have no contract under which they could be dropped: the broker stops to read instead.
TEST_F(BadInput, ClientThatNeverReadsItsAnswers) {
  constexpr uint64_t kMiB = 1 << 20;
  StartWithBystanders();
  NativePeer administrator = ConnectedPeer();
  NativePeer deaf = ConnectedPeer("deaf", {.receive_buffer_bytes = 4096});
  // Answered with several times its bytes.
  const std::string request = Framed(SubscribeFrame(0, Text(40)));
  const std::string requests = Repeated(request, 10'000);
  uint64_t taken = 0;
  // Until, for many looks at the broker, it has read nothing.
  for (int idle_looks = 0; idle_looks < 20 && taken < 32 * kMiB; ++idle_looks) {
    while (const size_t sent =
               deaf.SendSome(std::string_view{requests}.substr(taken % requests.size()))) {
      taken += sent;
      idle_looks = 0;
    }
    ASSERT_LT(Look(administrator, "deaf").send_queue_bytes(), kMiB);
  }
  EXPECT_LT(taken, 32 * kMiB) << "the broker reads on and on";
  // Whoever reads at last is answered, each request.
  const uint64_t whole = taken / request.size();
  for (uint64_t i = 0; i < whole; ++i) {
    const std::optional<ServerFrame> answer = deaf.Receive();
    ASSERT_TRUE(answer && answer->has_error()) << i << " of " << whole;
  }
  if (const size_t begun = taken % request.size(); begun > 0) {
    EXPECT_TRUE(deaf.SendRaw(std::string_view(request).substr(begun)));
    EXPECT_TRUE(deaf.Receive()->has_error());
  }
  EXPECT_TRUE(deaf.Ping());
}

// --- coming and going
// -----------------------------------------------------------------------------

TEST_F(BadInput, TenThousandConnectsAndDisconnects) {
  constexpr uint64_t kClients = 10'000;
  constexpr uint64_t kBystanders = 2;
  StartWithBystanders();
  const size_t descriptors = OpenDescriptors();
  for (uint64_t i = 0; i < kClients; ++i) {
    // Ports rest after use: other addresses, other ports.
    NativePeer peer = Peer({.source = base::StrCat("127.0.0.", 1 + i % 8)});
    if (i % 4 == 1) {
      peer.Send(ConnectFrame());
    } else if (i % 4 == 2) {
      peer.SendRaw("\x05\x0A");
    } else if (i % 4 == 3) {
      ASSERT_TRUE(peer.Connect()->has_connected());
      ASSERT_TRUE(peer.Subscribe("t/#"));
    }
    (i % 3 == 0) ? peer.Disappear() : peer.Reset();
  }
  EXPECT_TRUE(WaitUntil([&] { return broker().server().open_clients() == kBystanders; }));
  EXPECT_TRUE(WaitUntil([&] { return OpenDescriptors() == descriptors; }));
  EXPECT_EQ(broker().metrics().clients.value(), kBystanders);
  EXPECT_EQ(broker().metrics().subscriptions.value(), 1);
  EXPECT_GE(broker().metrics().connects_total.value(), kBystanders + kClients / 4);
}

// Lowers the limit of open files to what is open and `more`; puts it back at the end.
class FewDescriptors {
 public:
  explicit FewDescriptors(rlim_t more) {
    EXPECT_EQ(::getrlimit(RLIMIT_NOFILE, &before_), 0);
    // Descriptors are numbered without holes below the lowest that is free.
    const int lowest_free = ::dup(0);
    ::close(lowest_free);
    rlimit fewer = before_;
    fewer.rlim_cur = static_cast<rlim_t>(lowest_free) + more;
    EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &fewer), 0);
  }
  ~FewDescriptors() { EXPECT_EQ(::setrlimit(RLIMIT_NOFILE, &before_), 0); }
  FewDescriptors(const FewDescriptors&) = delete;
  FewDescriptors& operator=(const FewDescriptors&) = delete;

 private:
  rlimit before_{};
};

TEST_F(BadInput, DescriptorLimitReached) {
  constexpr size_t kPlaces = 5;
  StartWithBystanders();
  std::vector<NativePeer> peers(20);  // their own descriptors are open from here on
  {
    const FewDescriptors few(kPlaces);
    size_t let_in = 0;
    size_t refused = 0;
    for (NativePeer& peer : peers) {
      peer.Open(address());
      peer.Send(ConnectFrame());
      const std::optional<ServerFrame> answer = peer.Receive();
      ASSERT_TRUE(answer.has_value()) << "not told";
      if (answer->has_connected()) ++let_in;
      if (answer->close().code() == static_cast<uint32_t>(CloseCode::kTooManyClients)) {
        EXPECT_EQ(answer->close().detail(), "out of descriptors");
        ++refused;
      }
    }
    EXPECT_EQ(let_in, kPlaces);
    EXPECT_EQ(refused, peers.size() - kPlaces);
    EXPECT_EQ(Count(CloseCode::kTooManyClients), refused);
    // Those who are in work on.
    EXPECT_TRUE(peers[0].Subscribe("t"));
    // A place that becomes free is taken again. It is two descriptors here, of the peer as well.
    peers[0].Disappear();
    EXPECT_TRUE(WaitUntil([&] { return broker().server().open_clients() == 2 + kPlaces - 1; }));
    NativePeer next = ConnectedPeer("next");
    EXPECT_TRUE(next.Ping());
  }
  EXPECT_TRUE(ConnectedPeer("last").Ping());
}

}  // namespace
}  // namespace esockets::tests
