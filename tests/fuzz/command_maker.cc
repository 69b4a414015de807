#include "tests/fuzz/command_maker.h"

#include <string_view>

#include "proto/admin.pb.h"

namespace esockets::tests {
namespace {

constexpr std::string_view kTopics[] = {"a",      "a/b",    "a/b/c",  "kept/1", "kept/2", "brief/1",
                                        "last/1", "last/2", "room/1", "room/2", "",       "a/+"};
constexpr std::string_view kFilters[] = {
    "a",       "a/+",    "a/#",    "#",      "+/b",    "+/1",    "kept/#",           "kept/1",
    "brief/#", "last/#", "last/1", "room/1", "room/2", "room/+", "$presence/room/1", "$presence/#",
    "$SYS/#",  "$INBOX", "",       "a/#/b"};
constexpr std::string_view kQuestions[] = {
    "$SYS/info",   "$SYS/clients", "$SYS/subscriptions", "$SYS/slow",        "$SYS/trace",
    "$SYS/recv",   "$SYS/kick",    "$SYS/metrics",       "$SYS/closed",      "$SYS/streams",
    "$SYS/drain",  "$SYS/nothing", "$presence/room/1",   "$presence/room/2", "$presence/a",
    "$presence/+", "$presence"};
constexpr std::string_view kGroups[] = {"", "", "g", "h"};
constexpr std::string_view kClientIds[] = {"", "phone", "watch", "client-2", "client-1000001"};
constexpr uint32_t kTimes[] = {0, 0, 1, 200, 2'000, 70'000};  // milliseconds

}  // namespace

// Now and then again, or none.
uint64_t CommandMaker::NextId(uint64_t* last_id) {
  if (!input_.OneIn(16)) return ++*last_id;
  return input_.Below(4);
}

std::string CommandMaker::Topic() {
  if (!inboxes_.empty() && input_.OneIn(8)) {
    return inboxes_[input_.Below(inboxes_.size())] + (input_.OneIn(2) ? "/1" : "");
  }
  return std::string(input_.Pick(kTopics));
}

std::string CommandMaker::ReplyTo() {
  if (inboxes_.empty() || input_.OneIn(4)) return std::string(input_.Pick(kTopics));
  return inboxes_[input_.Below(inboxes_.size())] + "/1";
}

// See LetterAuthenticator.
std::string CommandMaker::Token() {
  static constexpr std::string_view kTokens[] = {"a", "b", "r", "", "a5", "a!", "r!", "a5!", "x"};
  return std::string(input_.Pick(kTokens));
}

ClientFrame CommandMaker::Connect() {
  ClientFrame frame;
  esockets::Connect& connect = *frame.mutable_connect();
  connect.set_protocol_version(input_.OneIn(32) ? static_cast<uint32_t>(input_.Below(3)) : 1);
  connect.set_client_id(std::string(input_.Pick(kClientIds)));
  connect.set_token(Token());
  const uint8_t options = input_.Next();
  if ((options & 1) != 0) {
    esockets::Will& will = *connect.mutable_will();
    will.mutable_message()->set_topic(Topic());
    if (input_.OneIn(2)) Decorate(will.mutable_message());
    will.set_delay_ms(input_.Pick(kTimes));
  }
  if ((options & 2) != 0) connect.set_keep_alive_ms(input_.Pick(kTimes));
  if ((options & 4) != 0) (*connect.mutable_metadata())["k"] = std::string(options, 'v');
  if ((options & 8) != 0) connect.set_name(std::string(options, 'n'));
  if ((options & 240) == 240) connect.set_resume("resume");
  return frame;
}

ClientFrame CommandMaker::Subscribe(uint64_t* last_id) {
  ClientFrame frame;
  esockets::Subscribe& subscribe = *frame.mutable_subscribe();
  subscribe.set_id(NextId(last_id));
  subscribe.set_filter(std::string(input_.Pick(kFilters)));
  subscribe.set_group(std::string(input_.Pick(kGroups)));
  const uint8_t options = input_.Next();
  subscribe.set_overflow(static_cast<Overflow>(options % 8 < 6 ? options % 8 : 0));
  subscribe.set_skip_last_values((options & 8) != 0);
  if ((options & 16) != 0) {
    subscribe.set_max_backlog_messages(static_cast<uint32_t>(input_.Below(4)));
    subscribe.set_max_backlog_bytes(input_.Below(4) * 100);
    subscribe.set_max_backlog_age_ms(input_.Pick(kTimes));
  }
  if ((options & 32) != 0) {
    subscribe.set_start(static_cast<Start>(input_.Below(5)));
    subscribe.set_start_at(input_.Below(8));
    subscribe.set_start_epoch(input_.Below(3));
  }
  if ((options & 64) != 0)
    subscribe.set_group_strategy(static_cast<GroupStrategy>(input_.Below(4)));
  return frame;
}

ClientFrame CommandMaker::Unsubscribe(uint64_t* last_id) {
  ClientFrame frame;
  frame.mutable_unsubscribe()->set_id(NextId(last_id));
  frame.mutable_unsubscribe()->set_filter(std::string(input_.Pick(kFilters)));
  frame.mutable_unsubscribe()->set_group(std::string(input_.Pick(kGroups)));
  return frame;
}

void CommandMaker::Decorate(esockets::Publish* publish) {
  const uint8_t options = input_.Next();
  static constexpr size_t kPayloadBytes[] = {0, 1, 300, 1'500, 70'000};
  if ((options & 1) != 0) publish->set_payload(std::string(input_.Pick(kPayloadBytes), '.'));
  if ((options & 2) != 0) publish->set_key(std::string(1, static_cast<char>('k' + options % 3)));
  if ((options & 4) != 0) publish->set_ttl_ms(input_.Pick(kTimes));
  if ((options & 8) != 0) publish->set_confirm_ms(input_.Pick(kTimes));
  if ((options & 16) != 0) publish->set_message_id(std::string(1, static_cast<char>(options)));
  if ((options & 32) != 0) publish->set_reply_to(ReplyTo());
  if ((options & 64) != 0) {
    Header& header = *publish->add_headers();
    header.set_name("name");
    header.set_value(std::string(options, 'v'));
  }
}

ClientFrame CommandMaker::Publish(uint64_t* last_id) {
  ClientFrame frame;
  esockets::Publish& publish = *frame.mutable_publish();
  publish.set_topic(Topic());
  // Of nothing but a topic and a payload, which are taken together, or of everything.
  if (input_.OneIn(2)) {
    publish.set_payload("plain");
    return frame;
  }
  publish.set_id(input_.OneIn(4) ? 0 : NextId(last_id));
  Decorate(&publish);
  return frame;
}

ClientFrame CommandMaker::Request(uint64_t* last_id) {
  ClientFrame frame;
  frame.mutable_publish()->set_topic(Topic());
  frame.mutable_publish()->set_id(NextId(last_id));
  frame.mutable_publish()->set_reply_to(ReplyTo());
  return frame;
}

ClientFrame CommandMaker::Ask(uint64_t* last_id) {
  ClientFrame frame;
  frame.mutable_publish()->set_topic(std::string(input_.Pick(kQuestions)));
  frame.mutable_publish()->set_id(NextId(last_id));
  frame.mutable_publish()->set_reply_to(ReplyTo());
  // Its fields have the same numbers in most questions.
  admin::KickRequest question;
  question.set_client_id(std::string(input_.Pick(kClientIds)));
  if (!question.client_id().empty()) {
    frame.mutable_publish()->set_payload(question.SerializeAsString());
  } else if (input_.OneIn(2)) {
    frame.mutable_publish()->set_payload(std::string(input_.Take(input_.Below(16))));
  }
  return frame;
}

ClientFrame CommandMaker::Ping() {
  ClientFrame frame;
  frame.mutable_ping()->set_id(input_.Below(3));
  return frame;
}

ClientFrame CommandMaker::Refresh() {
  ClientFrame frame;
  // Beside those of other commands.
  frame.mutable_refresh()->set_id(1'000'000 + input_.Below(4));
  frame.mutable_refresh()->set_token(Token());
  return frame;
}

ClientFrame CommandMaker::Disconnect() {
  ClientFrame frame;
  frame.mutable_disconnect()->set_reason(std::string(input_.Below(2) * 300, 'r'));
  return frame;
}

}  // namespace esockets::tests
