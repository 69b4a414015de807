#include "broker/command_checks.h"

#include <string>

#include "gtest/gtest.h"
#include "proto/esockets.pb.h"

namespace esockets::broker {
namespace {

const Limits kLimits;

proto::ConnectView GoodConnect() {
  proto::ConnectView connect;
  connect.protocol_version = 1;
  return connect;
}

TEST(CheckConnect, KeepsTheRules) {
  const std::string long_text(200, 'x');
  const struct {
    const char* what;
    void (*change)(proto::ConnectView*, const std::string&);
    CloseCode code;
  } kCases[] = {
      {"no version", [](auto* c, auto&) { c->protocol_version = 0; },
       CloseCode::kUnsupportedVersion},
      {"a later version", [](auto* c, auto&) { c->protocol_version = 2; },
       CloseCode::kUnsupportedVersion},
      {"a long client id", [](auto* c, auto& text) { c->client_id = text; },
       CloseCode::kClientIdInvalid},
      {"a long name", [](auto* c, auto& text) { c->name = text; }, CloseCode::kConnectInvalid},
      {"many entries of metadata", [](auto* c, auto&) { c->metadata_count = 17; },
       CloseCode::kConnectInvalid},
      {"much metadata", [](auto* c, auto&) { c->metadata_bytes = 1025; },
       CloseCode::kConnectInvalid},
  };
  EXPECT_FALSE(CheckConnect(GoodConnect(), kLimits).has_value());
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    proto::ConnectView connect = GoodConnect();
    c.change(&connect, long_text);
    const auto refusal = CheckConnect(connect, kLimits);
    ASSERT_TRUE(refusal.has_value());
    EXPECT_EQ(refusal->code, c.code);
    EXPECT_FALSE(refusal->detail.empty());
  }
}

TEST(CheckConnect, TakesWhatIsJustWithinTheLimits) {
  const std::string id(kLimits.client_id_bytes_max, 'x');
  const std::string name(kLimits.name_bytes_max, 'x');
  proto::ConnectView connect = GoodConnect();
  connect.client_id = id;
  connect.name = name;
  connect.metadata_count = static_cast<uint32_t>(kLimits.metadata_entries_max);
  connect.metadata_bytes = kLimits.metadata_bytes_max;
  EXPECT_FALSE(CheckConnect(connect, kLimits).has_value());
}

TEST(CheckSubscribe, KeepsTheRules) {
  const std::string long_name(kGroupNameBytesMax + 1, 'g');
  const struct {
    std::string_view filter;
    std::string_view group;
    uint32_t overflow;
    ErrorCode code;  // kInternal: it is all right
  } kCases[] = {
      {"a/+/#", "", OVERFLOW_DEFAULT, ErrorCode::kInternal},
      {"$SYS/#", "", OVERFLOW_DROP_OLDEST, ErrorCode::kInternal},
      {"a", "", OVERFLOW_DISCONNECT, ErrorCode::kInternal},
      {"", "", OVERFLOW_DEFAULT, ErrorCode::kFilterInvalid},
      {"a/#/b", "", OVERFLOW_DEFAULT, ErrorCode::kFilterInvalid},
      {"a+b", "", OVERFLOW_DEFAULT, ErrorCode::kFilterInvalid},
      {"a", "workers", OVERFLOW_DEFAULT, ErrorCode::kInternal},
      {"a", long_name, OVERFLOW_DEFAULT, ErrorCode::kGroupInvalid},
      {"a", "", OVERFLOW_DROP_NEWEST, ErrorCode::kInternal},
      {"a", "", OVERFLOW_CONFLATE, ErrorCode::kInternal},
      {"a", "", OVERFLOW_REPLAY, ErrorCode::kInternal},
      {"a", "", 6, ErrorCode::kUnsupported},
      {"a", "", 77, ErrorCode::kUnsupported},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.filter);
    proto::SubscribeView subscribe;
    subscribe.filter = c.filter;
    subscribe.group = c.group;
    subscribe.overflow = c.overflow;
    const auto refusal = CheckSubscribe(subscribe, kLimits);
    ASSERT_EQ(refusal.has_value(), c.code != ErrorCode::kInternal);
    if (refusal) {
      EXPECT_EQ(refusal->code, c.code);
    }
  }
}

TEST(CheckSubscribe, AStrategyIsOneOfAGroup) {
  proto::SubscribeView subscribe;
  subscribe.filter = "a";
  subscribe.group_strategy = GROUP_STRATEGY_HASH;
  EXPECT_EQ(CheckSubscribe(subscribe, kLimits)->code, ErrorCode::kGroupInvalid);
  subscribe.group = "workers";
  EXPECT_FALSE(CheckSubscribe(subscribe, kLimits).has_value());
  subscribe.group_strategy = 4;
  EXPECT_EQ(CheckSubscribe(subscribe, kLimits)->code, ErrorCode::kUnsupported);
}

TEST(CheckSubscribe, AnInboxNeedsNoSubscription) {
  for (const std::string_view filter : {"$INBOX", "$INBOX/#", "$INBOX/abc/+"}) {
    proto::SubscribeView subscribe;
    subscribe.filter = filter;
    const auto refusal = CheckSubscribe(subscribe, kLimits);
    ASSERT_TRUE(refusal.has_value()) << filter;
    EXPECT_EQ(refusal->code, ErrorCode::kInboxNotAllowed);
  }
  proto::SubscribeView subscribe;
  subscribe.filter = "$INBOXES/#";
  EXPECT_FALSE(CheckSubscribe(subscribe, kLimits).has_value());
}

TEST(CheckPublish, KeepsTheRules) {
  const std::string large(kLimits.payload_bytes_max + 1, 'x');
  const struct {
    const char* what;
    void (*change)(proto::PublishView*, const std::string&);
    ErrorCode code;
  } kCases[] = {
      {"no topic", [](auto* p, auto&) { p->topic = ""; }, ErrorCode::kTopicInvalid},
      {"a wildcard", [](auto* p, auto&) { p->topic = "a/+"; }, ErrorCode::kTopicInvalid},
      {"a large payload", [](auto* p, auto& text) { p->payload = text; },
       ErrorCode::kPayloadTooLarge},
      {"a wildcard in reply_to", [](auto* p, auto&) { p->reply_to = "#"; },
       ErrorCode::kReplyToInvalid},
      {"a request as reply_to", [](auto* p, auto&) { p->reply_to = "$SYS/drain"; },
       ErrorCode::kReplyToInvalid},
      {"many headers", [](auto* p, auto&) { p->header_count = 33; }, ErrorCode::kHeadersTooLarge},
      {"a long header", [](auto* p, auto&) { p->header_bytes_max = 1025; },
       ErrorCode::kHeadersTooLarge},
      {"a long key", [](auto* p, auto& text) { p->key = std::string_view{text}.substr(0, 257); },
       ErrorCode::kKeyTooLong},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    proto::PublishView publish;
    publish.topic = "a/b";
    publish.reply_to = "$INBOX/1";
    EXPECT_FALSE(CheckPublish(publish, kLimits).has_value());
    c.change(&publish, large);
    const auto refusal = CheckPublish(publish, kLimits);
    ASSERT_TRUE(refusal.has_value());
    EXPECT_EQ(refusal->code, c.code);
    EXPECT_FALSE(refusal->detail.empty());
  }
}

}  // namespace
}  // namespace esockets::broker
