// What the user asked for: one struct a subcommand.
#ifndef CLIENTS_CLI_COMMAND_LINE_H_
#define CLIENTS_CLI_COMMAND_LINE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "clients/cpp/options.h"

namespace esockets::cli {

// Of every subcommand.
struct GlobalOptions {
  std::string server = "127.0.0.1:1234";
  client::TlsOptions tls;
  std::string client_id;
  std::string token_file;  // otherwise the environment's ESOCKETS_TOKEN
  std::string user;
  std::string password_file;  // otherwise the environment's ESOCKETS_PASSWORD
  double timeout_seconds = 10;
  bool json = false;
};

struct PubOptions {
  std::string topic;
  std::optional<std::string> message;  // nothing: lines of stdin
  std::string file;                    // "-": all of stdin
  uint64_t count = 1;                  // of one message or file
  double rate = 0;                     // messages per second; 0: as fast as the broker takes them
  bool ack = false;
  uint32_t confirm_seconds = 0;  // 0: what became of a message is not asked
  bool quiet = false;
  std::string reply_to;
  std::string key;
  uint32_t ttl_ms = 0;
  std::string message_id;
  std::vector<std::string> headers;  // "name=value"
};

// Of those that subscribe.
struct GroupOptions {
  std::string name;      // empty: no group
  std::string strategy;  // as of ParseGroupStrategy
};

struct SubOptions {
  std::vector<std::string> filters;
  GroupOptions group;
  uint64_t count = 0;  // 0: until Ctrl-C
  double within_seconds = 0;
  std::string format = "payload";
  bool timestamps = false;
  bool positions = false;
  bool snapshot = false;
  std::string will_topic;  // empty: none
  std::string will_message;
  uint32_t will_delay_ms = 0;
  std::string from;  // as of ParseStart
  std::string overflow;
  uint32_t backlog_messages = 0;
  uint64_t backlog_bytes = 0;
  uint32_t backlog_age_ms = 0;
};

struct ReqOptions {
  std::string topic;
  std::optional<std::string> payload;  // nothing: all of stdin
  uint64_t count = 0;                  // answers; 0: one, or all that come while it gathers
  double gather_seconds = 0;           // 0: the timeout
};

struct ReplyOptions {
  std::string filter;
  GroupOptions group;
  uint64_t count = 0;  // 0: until Ctrl-C
  std::vector<std::string> command;
};

struct PresenceOptions {
  std::string topic;
  bool watch = false;
};

struct ClientsOptions {
  std::string client_id;  // empty: all
};
struct SubscriptionsOptions {
  std::string client_id;  // empty: of all clients
};
struct StreamsOptions {
  std::string name;  // empty: all
};
struct SlowOptions {
  std::string client_id;  // empty: all
  bool watch = false;
};
struct ClosedOptions {
  std::string id;  // of a client, or a session's number; empty: all
};
struct TraceOptions {
  std::string topic;
  std::string client_id;  // empty: all
  std::string key;
  uint64_t payload_bytes = 0;
};
struct AclExplainOptions {
  std::string user;
  std::string action;
  std::string topic;
  std::vector<std::string> groups;
  std::vector<std::string> claims;  // NAME=VALUE
  std::string client_id;
};
struct KickOptions {
  std::string client_id;
  std::string reason;
};
struct RecvOptions {
  std::string client_id;
  uint32_t limit = 0;
};
struct InfoOptions {};
struct MetricsOptions {
  bool all = false;  // those that are 0 as well
};
struct LimitsOptions {
  std::string client_id;  // empty: those of the broker
};
struct DrainOptions {};
struct TopOptions {
  double interval_seconds = 1;
  bool once = false;
};
struct PingOptions {
  uint64_t count = 4;
  double interval_seconds = 1;
};

struct PasswdOptions {
  std::string file;
  std::string user;
  bool remove = false;
};

struct BenchOptions {
  uint64_t subscribers = 10;
  uint64_t messages = 10'000;
  size_t payload_bytes = 128;
  double rate = 0;    // messages per second; 0: as fast as the subscribers receive them
  std::string topic;  // empty: one of its own
};

using Command =
    std::variant<PubOptions, SubOptions, ReqOptions, ReplyOptions, PresenceOptions, ClientsOptions,
                 SubscriptionsOptions, StreamsOptions, SlowOptions, ClosedOptions, TraceOptions,
                 AclExplainOptions, KickOptions, RecvOptions, InfoOptions, MetricsOptions,
                 LimitsOptions, DrainOptions, TopOptions, PingOptions, PasswdOptions, BenchOptions>;

struct CommandLine {
  GlobalOptions global;
  Command command;
};

}  // namespace esockets::cli

#endif  // CLIENTS_CLI_COMMAND_LINE_H_
