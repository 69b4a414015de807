// What a program says to the client library: how to connect, publish and subscribe.
#ifndef CLIENTS_CPP_OPTIONS_H_
#define CLIENTS_CPP_OPTIONS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "base/clock.h"
#include "clients/cpp/group_strategy.h"
#include "clients/cpp/overflow.h"
#include "clients/cpp/start.h"

namespace esockets::client {

// What Publish does when the outgoing buffer is full: the broker is away, or slower than we are.
enum class WhenFull {
  kBlock,       // waits for room; inside a callback, where it must not wait, as kError
  kDropNewest,  // drops this message and counts it: Client::dropped_messages_total()
  kError,       // returns kResourceExhausted
};

struct PublishOptions {
  // Names and values; a name may come several times.
  std::vector<std::pair<std::string, std::string>> headers{};
  // Topic to send an answer to.
  std::string reply_to{};
  // What the message is about, within its topic.
  std::string key{};
  // Milliseconds after which the message is worthless. 0: never.
  uint32_t ttl_ms = 0;
  // Names the message within its stream, which stores it once however often it is published: at
  // most 64 bytes that no other client chooses. Not of Publish, which hears no answer.
  std::string message_id{};
};

// What the broker publishes if the client ends without Close: when it dies, or is cut off.
struct LastWill {
  std::string topic{};
  std::string payload{};
  PublishOptions options{};
  // So long the broker waits for the client to come back; at most a day. For a client with a
  // client_id of its own.
  base::Duration delay{};
};

// Files are in PEM.
struct TlsOptions {
  // Authorities that are trusted; empty: those of the system.
  std::string ca_file{};
  // What the broker's certificate must name; empty: the host of the address.
  std::string server_name{};
  // For brokers that ask for a certificate of the client: with those that lead to its authority.
  std::string chain_file{};
  std::string key_file{};
  // False: whoever answers is believed, and told the credentials. For tests alone.
  bool verify = true;

  bool operator==(const TlsOptions&) const = default;
};

// Takes a token, or why there is none. Thread: any; at most once.
using TellToken = std::function<void(absl::StatusOr<std::string> token)>;
using TokenSource = std::function<void(TellToken tell)>;

struct ClientOptions {
  // "127.0.0.1:1234", "[::1]:1234", "broker.example.org:1234", "unix:/path"; encrypted
  // "tls://broker.example.org:1235". A name is looked up on the client's loop.
  std::string address = "127.0.0.1:1234";
  TlsOptions tls{};

  // Names the client across connections: a second one with the same id takes over from the first.
  // Empty: the broker chooses one, a new one for each connection.
  std::string client_id{};
  std::string token{};
  // Instead of `token`, where tokens expire: asked on the client's loop before each connection for
  // which the broker has given no ticket, and for the same connection when four fifths of the last
  // one's time are over. It must not wait, but may tell later. An attempt without a token has
  // failed; the next one follows.
  TokenSource token_source{};
  std::string user{};
  std::string password{};
  // For people who look at a list of clients.
  std::string name{};
  std::map<std::string, std::string> metadata{};
  std::optional<LastWill> will{};

  // At least this often a sign of life goes to the broker, and one is expected back. Zero: the
  // broker's own setting.
  base::Duration keep_alive{};
  // Of one attempt: from the first packet to the broker's answer to Connect.
  base::Duration connect_timeout = std::chrono::seconds(10);
  // Of the calls that wait for an answer, unless they say otherwise.
  base::Duration request_timeout = std::chrono::seconds(10);

  // After a lost connection: false ends the client. Endings that the broker calls not retryable end
  // it in any case.
  bool reconnect = true;
  // The wait before attempt n is random between 0 and min(backoff_max, backoff_min * 2^(n-1)): full
  // jitter, so that the clients of a broker that restarts do not come back all at once. A wait that
  // the broker asks for comes on top.
  base::Duration backoff_min = std::chrono::milliseconds(100);
  base::Duration backoff_max = std::chrono::seconds(30);
  // Uniform in [0, 1), asked on the client's loop. Empty: dice of its own.
  std::function<double()> dice{};

  // Published and not yet given to a socket, in bytes of frames.
  size_t outgoing_bytes_max = 8 << 20;
  WhenFull when_full = WhenFull::kBlock;
};

// Of a request to other clients.
struct RequestOptions {
  // Ends when so many have answered. 0: takes all answers that come in time.
  size_t replies_max = 0;
  // Zero: request_timeout.
  base::Duration timeout{};
  // Headers, key and ttl of the request; its reply_to is the library's affair.
  PublishOptions publish{};
};

struct SubscribeOptions {
  // Each message that matches comes to one of all clients that subscribe to this filter with this
  // group. At most 128 bytes. Empty: no group. Within a client several Receive of one
  // PullSubscription share the work.
  std::string group{};
  // One that the group does not have is refused.
  GroupStrategy group_strategy = GroupStrategy::kUnspecified;
  // Of a group: kDropOldest or kDropNewest, of what waits while all of its members are behind. One
  // that the group does not have is refused.
  Overflow overflow = Overflow::kDefault;
  // Where in its stream it begins for the first time. After a lost connection it goes on behind the
  // last message that it got; what conflates, with the latest message of each topic.
  Start start{};
  // Where the broker keeps last values of topics that match: whether they come first.
  bool last_values = true;
  // Backlog in the broker while this client is behind. 0: the broker's default. Of a group: that of
  // the member that was the first.
  uint32_t max_backlog_messages = 0;
  uint64_t max_backlog_bytes = 0;
  // Milliseconds that the oldest message waits there. 0: the broker's default.
  uint32_t max_backlog_age_ms = 0;
  // Pull subscriptions: messages waiting for Receive. When it is full the client stops reading from
  // its connection; the broker's backlog fills, and then `overflow` rules. Nothing is dropped here.
  size_t receive_queue_messages_max = 1000;
};

}  // namespace esockets::client

#endif  // CLIENTS_CPP_OPTIONS_H_
