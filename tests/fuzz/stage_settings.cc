#include "tests/fuzz/stage_settings.h"

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "broker/permissions/permission_policy.h"
#include "broker/permissions/permission_rule.h"
#include "tests/fuzz/letter_authenticator.h"

namespace esockets::tests {
namespace {

using broker::Action;
using broker::ActionSet;
using broker::PermissionRule;
using std::chrono::milliseconds;
using std::chrono::seconds;

const ActionSet kAll = {Action::kPublish, Action::kSubscribe, Action::kPresence,
                        Action::kRequest, Action::kStream,    Action::kAdmin};

PermissionRule Rule(ActionSet actions, std::vector<std::string> topics, bool deny = false) {
  PermissionRule rule;
  rule.actions = actions;
  rule.topics = std::move(topics);
  rule.deny = deny;
  return rule;
}

std::vector<PermissionRule> Rules(size_t which) {
  PermissionRule of_a = Rule({Action::kSubscribe}, {"a/#", "room/#"}, true);
  of_a.who.users = {"a"};
  PermissionRule literal = Rule(kAll, {"#"});
  literal.literal_only = true;
  switch (which % 6) {
    case 0:
      return {};
    case 1:
      return {Rule(kAll, {"#"})};
    case 2:
      return {Rule(kAll, {"#"}), of_a};
    case 3:
      return {Rule({Action::kPublish}, {"#"}), Rule({Action::kSubscribe}, {"a/#", "{client_id}"})};
    case 4:
      return {literal, Rule({Action::kStream, Action::kPresence}, {"+/1"}, true)};
    default:
      return {Rule({Action::kSubscribe}, {"#"})};
  }
}

void Narrow(broker::Limits* limits) {
  limits->high_watermark_bytes = 1'000;
  limits->conflate_watermark_bytes = 500;
  limits->backlog_messages_max = 5;
  limits->backlog_bytes_max = 4'000;
  limits->backlogs_bytes_max = 6'000;
  limits->subscriptions_max = 4;
  limits->presence_topics_per_client_max = 1;
  limits->clients_max = 2;
  limits->exchange_bytes_max = 2'000;
  limits->payload_bytes_max = 2'000;
  limits->admin_page_max = 1;
  limits->backlog_age_max_ms = 500;
  limits->keep_alive = seconds(3);
}

}  // namespace

broker::Settings StageSettings(bool narrow, size_t rules) {
  broker::Settings settings;
  settings.inbox_key = {};
  settings.authenticator = std::make_shared<LetterAuthenticator>();
  settings.permissions = std::make_shared<broker::PermissionPolicy>(Rules(rules));
  settings.streams = {
      {.name = "kept", .filter = "kept/#", .limits = {.messages_max = 6}, .message_ids = {}},
      {.name = "brief",
       .filter = "brief/#",
       .limits = {.age_max = seconds(60), .messages_per_topic_max = 2},
       .message_ids = {.window = milliseconds(500), .ids_max = 2}},
      {.name = "last",
       .filter = "last/#",
       .limits = {.messages_per_topic_max = 1},
       .message_ids = {},
       .last_values{{.topics_max = 1}}}};
  settings.presence = {{.filter = "room/+",
                        .window = milliseconds(100),
                        .grace = seconds(2),
                        .visible_to = broker::PresenceVisibility::kMembers}};
  settings.recv_queue = true;
  if (narrow) Narrow(&settings.limits);
  return settings;
}

}  // namespace esockets::tests
