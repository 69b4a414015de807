#include "clients/cli/flags.h"

#include <memory>
#include <string>

#include "CLI/CLI.hpp"
#include "base/clock.h"
#include "base/strings.h"
#include "clients/cli/exit_code.h"
#include "clients/cli/start_words.h"

namespace esockets::cli {
namespace {

// Makes `options` the command when its subcommand is named.
template <typename Options>
Options* Choose(CLI::App* sub, CommandLine* line) {
  // CLI11 keeps pointers to where values go: the options live as long as the parser.
  auto options = std::make_shared<Options>();
  sub->callback([options, line] { line->command = *options; });
  return options.get();
}

CLI::App* Add(CLI::App* cli, const char* name, const char* what, const char* examples) {
  CLI::App* sub = cli->add_subcommand(name, what);
  sub->footer(std::string("Examples:\n") + examples);
  sub->fallthrough();
  return sub;
}

void AddGlobals(CLI::App* cli, GlobalOptions* global) {
  cli->add_option("-s,--server", global->server,
                  "HOST:PORT, [IPV6]:PORT or unix:PATH; encrypted: tls://HOST:PORT")
      ->envname("ESOCKETS_SERVER")
      ->capture_default_str();
  cli->add_option("--id", global->client_id, "client id; the broker chooses one otherwise");
  cli->add_option("--token_file", global->token_file,
                  "the token is its first line, read again when it expires; or in the environment: "
                  "ESOCKETS_TOKEN");
  cli->add_option("--user", global->user, "user name")->envname("ESOCKETS_USER");
  cli->add_option("--password_file", global->password_file,
                  "the password is its first line; or in the environment: ESOCKETS_PASSWORD");
  cli->add_option("--ca", global->tls.ca_file,
                  "authorities that tls:// trusts, in PEM; default: those of the system")
      ->envname("ESOCKETS_CA");
  cli->add_option("--cert", global->tls.chain_file, "a certificate to show, in PEM")
      ->envname("ESOCKETS_CERT");
  cli->add_option("--key", global->tls.key_file, "its private key, in PEM")
      ->envname("ESOCKETS_KEY");
  cli->add_option("--tls_name", global->tls.server_name,
                  "what the broker's certificate must name; default: HOST");
  cli->add_flag_callback(
      "--insecure", [global] { global->tls.verify = false; },
      "believe whoever answers on tls://, for tests alone");
  cli->add_option("--timeout", global->timeout_seconds, "seconds to wait for an answer")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  cli->add_flag("--json", global->json, "print JSON");
}

void AddPub(CLI::App* cli, CommandLine* line) {
  CLI::App* sub = Add(cli, "pub", "Publish messages",
                      "  esockets pub room/42/chat hello\n"
                      "  tail -F /var/log/syslog | esockets pub logs/syslog\n"
                      "  esockets pub images/cat --file=cat.jpg\n"
                      "  esockets pub load/test x --count=100000 --rate=5000\n"
                      "  esockets pub orders/new 17 --ack && echo taken\n"
                      "  esockets pub orders/new 17 --confirm && echo written to all\n"
                      "  esockets pub orders/new 17 --message_id=order-17");
  auto* options = Choose<PubOptions>(sub, line);
  sub->add_option("TOPIC", options->topic)->required();
  auto* message = sub->add_option("MESSAGE", options->message, "default: each line of stdin");
  sub->add_option("--file", options->file, "publish the file as one message; -: stdin")
      ->excludes(message);
  sub->add_option("--count", options->count, "publish the message so many times")
      ->check(CLI::PositiveNumber);
  sub->add_option("--rate", options->rate, "messages per second; default: as fast as possible")
      ->check(CLI::NonNegativeNumber);
  sub->add_flag(
      "--ack", options->ack,
      "wait after each message until the broker has taken it, and say where in its stream");
  sub->add_flag("--confirm{5}", options->confirm_seconds,
                "[=SECONDS] say of each message what became of it, waiting so long (5) until it is "
                "written to every subscriber; exit code 6 if it was not, 4 if it still waits")
      ->check(CLI::Range(1, 60));
  sub->add_flag("-q,--quiet", options->quiet, "no progress on the terminal");
  sub->add_option("--reply_to", options->reply_to, "topic for answers");
  sub->add_option("--key", options->key, "what the message is about");
  sub->add_option("--message_id", options->message_id,
                  "the stream stores a message with this id once; waits as --ack");
  sub->add_option("--ttl_ms", options->ttl_ms, "after so many milliseconds it is worthless");
  sub->add_option("--header", options->headers, "NAME=VALUE, several times")->take_all();
}

void AddGroup(CLI::App* sub, const char* what, GroupOptions* options) {
  auto* group = sub->add_option("--group", options->name, what);
  sub->add_option("--strategy", options->strategy,
                  "who of the group: round_robin, one after the other; hash, always the same for "
                  "the same key; first, who has been there longest; default: as the group does, "
                  "round_robin if it is new")
      ->check(CLI::IsMember({"round_robin", "hash", "first"}))
      ->needs(group);
}

void AddSub(CLI::App* cli, CommandLine* line) {
  CLI::App* sub = Add(cli, "sub", "Print messages as they come",
                      "  esockets sub 'room/+/chat'\n"
                      "  esockets sub 'logs/#' --format=line --timestamps\n"
                      "  esockets sub prices/gold --count=1 --within=5\n"
                      "  esockets sub '#' --format=json | jq -r .topic\n"
                      "  esockets sub 'prices/#' --overflow=conflate\n"
                      "  esockets sub 'orders/#' --overflow=disconnect\n"
                      "  esockets sub 'chat/#' --from=last:10 --overflow=replay\n"
                      "  esockets sub 'chat/#' --from=10m --positions\n"
                      "  esockets sub 'telemetry/+/status' --snapshot\n"
                      "  esockets sub 'jobs/#' --group=workers\n"
                      "  esockets sub 'orders/#' --group=billing --strategy=hash");
  auto* options = Choose<SubOptions>(sub, line);
  sub->add_option("FILTER", options->filters, "+ is one level, # all below")->required();
  sub->add_option("--count", options->count, "end after so many messages");
  sub->add_option("--within", options->within_seconds, "end after so many seconds")
      ->check(CLI::PositiveNumber);
  sub->add_option("--format", options->format,
                  "payload: as it is, and a newline; line: topic, tab, escaped payload; json")
      ->check(CLI::IsMember({"payload", "line", "json"}))
      ->capture_default_str();
  sub->add_flag("--timestamps", options->timestamps, "in front: when it came here (UTC)");
  sub->add_flag("--positions", options->positions, "in front: the number in the stream, or -");
  auto* will = sub->add_option("--will", options->will_topic,
                               "topic of a last will: published if this client dies or is cut off");
  sub->add_option("--will_message", options->will_message, "its payload")->needs(will);
  sub->add_option("--will_delay_ms", options->will_delay_ms,
                  "unless a client with the same --client_id connects meanwhile")
      ->needs(will);
  sub->add_flag("--snapshot", options->snapshot, "the last values that the broker keeps, and end");
  sub->add_option("--from", options->from,
                  "where in its stream to begin: now; all; last:N; each:N, of each topic; behind "
                  "POSITION@EPOCH; at a time, 2026-01-31T12:00:00Z, or so long ago, 10m")
      ->check([](const std::string& text) {
        const auto start = ParseStart(text, base::SystemClock().WallMicros());
        return std::string(base::Message(start.status()));
      });
  AddGroup(sub, "share the messages with all who name this group: each comes to one of them",
           &options->group);
  sub->add_option("--overflow", options->overflow,
                  "when we are too slow: lose the oldest, the newest, all but the latest of each "
                  "topic and key, or the connection; or read from the stream, losing nothing")
      ->check(CLI::IsMember({"drop-oldest", "drop-newest", "conflate", "disconnect", "replay"}));
  sub->add_option("--backlog", options->backlog_messages,
                  "messages that the broker keeps while we are too slow");
  sub->add_option("--backlog_bytes", options->backlog_bytes, "the same in bytes");
  sub->add_option("--backlog_age_ms", options->backlog_age_ms,
                  "the same in milliseconds that the oldest waits");
}

void AddRequests(CLI::App* cli, CommandLine* line) {
  CLI::App* req = Add(cli, "req", "Ask whoever answers on a topic, and print the answer",
                      "  esockets req time\n"
                      "  esockets req math/add '1 2' --timeout=2\n"
                      "  cat photo.jpg | esockets req images/describe\n"
                      "  esockets req nodes/status --gather=0.5\n"
                      "  esockets req nodes/status --count=3 --gather=5 --json");
  auto* req_options = Choose<ReqOptions>(req, line);
  req->add_option("TOPIC", req_options->topic)->required();
  req->add_option("PAYLOAD", req_options->payload, "default: all of stdin");
  req->add_option("--count", req_options->count, "answers to wait for; default: one")
      ->check(CLI::PositiveNumber);
  req->add_option("--gather", req_options->gather_seconds,
                  "seconds in which to gather answers: all that come, or --count")
      ->check(CLI::PositiveNumber);

  CLI::App* reply = Add(cli, "reply", "Answer requests with what a command prints",
                        "  esockets reply time -- date\n"
                        "  esockets reply 'echo/+' -- cat\n"
                        "  esockets reply 'files/#' -- sh -c 'ls \"$TOPIC\"'\n"
                        "  esockets reply math/add --count=1 -- awk '{ print $1 + $2 }'\n"
                        "  esockets reply 'thumbnails/+' --group=painters -- ./thumbnail.sh");
  auto* reply_options = Choose<ReplyOptions>(reply, line);
  reply->add_option("FILTER", reply_options->filter, "+ is one level, # all below")->required();
  reply
      ->add_option("COMMAND", reply_options->command,
                   "behind --: run for each request, one at a time, with its payload on stdin and "
                   "TOPIC in the environment")
      ->required();
  reply->add_option("--count", reply_options->count, "end after so many requests");
  AddGroup(reply, "share the requests with all who name this group: each is answered once",
           &reply_options->group);
}

void AddPresence(CLI::App* cli, CommandLine* line) {
  CLI::App* presence = Add(cli, "presence", "Show who is on a topic",
                           "  esockets presence chat/lobby\n"
                           "  esockets presence chat/lobby --json\n"
                           "  esockets presence chat/lobby --watch");
  auto* options = Choose<PresenceOptions>(presence, line);
  presence->add_option("TOPIC", options->topic)->required();
  presence->add_flag("--watch", options->watch, "go on with who comes (+) and who goes (-)");
}

void AddClients(CLI::App* cli, CommandLine* line) {
  CLI::App* clients = Add(cli, "clients", "Who is connected, and what waits for them",
                          "  esockets clients\n"
                          "  esockets clients viewer-7 --json");
  clients->add_option("CLIENT_ID", Choose<ClientsOptions>(clients, line)->client_id);

  CLI::App* subscriptions = Add(cli, "subscriptions", "Who is subscribed to what",
                                "  esockets subscriptions\n"
                                "  esockets subscriptions viewer-7");
  subscriptions->add_option("CLIENT_ID",
                            Choose<SubscriptionsOptions>(subscriptions, line)->client_id);

  CLI::App* streams = Add(cli, "streams", "What is kept of what was published, and who reads it",
                          "  esockets streams\n"
                          "  esockets streams chat\n"
                          "  esockets streams --json | jq '.[].last_position'");
  streams->add_option("NAME", Choose<StreamsOptions>(streams, line)->name,
                      "everything about this one");

  CLI::App* kick = Add(cli, "kick", "Close a client's connection",
                       "  esockets kick viewer-7\n"
                       "  esockets kick viewer-7 --reason='too old a version'");
  auto* kick_options = Choose<KickOptions>(kick, line);
  kick->add_option("CLIENT_ID", kick_options->client_id)->required();
  kick->add_option("--reason", kick_options->reason, "for the client and the log");

  CLI::App* recv = Add(cli, "recv", "Take messages out of a client's recv_queue",
                       "  esockets recv thermometer-3\n"
                       "  esockets recv thermometer-3 --limit=10 --json");
  auto* recv_options = Choose<RecvOptions>(recv, line);
  recv->add_option("CLIENT_ID", recv_options->client_id)->required();
  recv->add_option("--limit", recv_options->limit, "at most so many (100)");
}

void AddDiagnostics(CLI::App* cli, CommandLine* line) {
  CLI::App* slow = Add(cli, "slow", "Who is slow, and why",
                       "  esockets slow\n"
                       "  esockets slow viewer-7\n"
                       "  esockets slow --watch");
  auto* slow_options = Choose<SlowOptions>(slow, line);
  slow->add_option("CLIENT_ID", slow_options->client_id, "everything about this one");
  slow->add_flag("--watch", slow_options->watch,
                 "a line for each client that becomes slow, is blamed otherwise, or has caught up");

  CLI::App* closed = Add(cli, "closed", "How connections ended, the last one first",
                         "  esockets closed\n"
                         "  esockets closed viewer-7\n"
                         "  esockets closed 4711 --json");
  closed->add_option("ID", Choose<ClosedOptions>(closed, line)->id,
                     "a client id, or digits alone: the number of a session; with advice and the "
                     "last steps");

  CLI::App* trace = Add(cli, "trace", "Who would receive a message, and why or why not",
                        "  esockets trace room/42/chat\n"
                        "  esockets trace room/42/chat --client=viewer-7\n"
                        "  esockets trace prices/gold --key=EUR --bytes=512");
  auto* trace_options = Choose<TraceOptions>(trace, line);
  trace->add_option("TOPIC", trace_options->topic)->required();
  trace->add_option("--client", trace_options->client_id,
                    "this client alone, with those of its subscriptions that do not match");
  trace->add_option("--key", trace_options->key, "of the message");
  trace->add_option("--bytes", trace_options->payload_bytes, "of its payload");
}

void AddAcl(CLI::App* cli, CommandLine* line) {
  CLI::App* acl = Add(cli, "acl", "Why somebody may do something, or not",
                      "  esockets acl explain ann publish chat/lobby");
  acl->require_subcommand(1);
  CLI::App* explain =
      Add(acl, "explain", "Name the permission that decides; exit code 3 if it is not allowed",
          "  esockets acl explain ann publish chat/lobby\n"
          "  esockets acl explain bob subscribe 'payroll/#' --group=accounting\n"
          "  esockets acl explain robot publish telemetry/robot-7/t --client=robot-7");
  auto* options = Choose<AclExplainOptions>(explain, line);
  explain->add_option("USER", options->user, "a name; '' is who has none")->required();
  explain->add_option("ACTION", options->action)
      ->check(CLI::IsMember({"publish", "subscribe", "presence", "request", "stream", "admin"}))
      ->required();
  explain->add_option("TOPIC", options->topic, "or a filter, of subscribe and stream")->required();
  explain->add_option("--group", options->groups, "beside those that the broker knows")->take_all();
  explain->add_option("--claim", options->claims, "NAME=VALUE of a token, several times")
      ->take_all();
  explain->add_option("--client", options->client_id, "for permissions with {client_id}");
}

void AddBroker(CLI::App* cli, CommandLine* line) {
  Choose<InfoOptions>(Add(cli, "info", "What the broker is and holds", "  esockets info"), line);

  CLI::App* metrics = Add(cli, "metrics", "Every counter of the broker",
                          "  esockets metrics\n"
                          "  esockets metrics --json | jq .published_messages_total");
  metrics->add_flag("--all", Choose<MetricsOptions>(metrics, line)->all,
                    "those that are 0 as well");

  CLI::App* limits =
      Add(cli, "limits", "What is allowed at most, and how much of it is used",
          "  esockets limits\n"
          "  esockets limits ann-phone\n"
          "  esockets limits --json | jq '.[] | select(.max > 0 and .used * 10 > .max * 9)'");
  limits->add_option("CLIENT_ID", Choose<LimitsOptions>(limits, line)->client_id,
                     "those that hold for this client, and what it uses");

  Choose<DrainOptions>(
      Add(cli, "drain", "Ask all clients to leave, and stop the broker", "  esockets drain"), line);

  CLI::App* top = Add(cli, "top", "Watch clients, rates and queues",
                      "  esockets top\n"
                      "  esockets top --interval=5\n"
                      "  esockets top --once");
  auto* top_options = Choose<TopOptions>(top, line);
  top->add_option("--interval", top_options->interval_seconds, "seconds between two looks")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  top->add_flag("--once", top_options->once, "print one look, and end");

  CLI::App* ping = Add(cli, "ping", "How long the way to the broker and back takes",
                       "  esockets ping\n"
                       "  esockets ping --count=1 --server=broker.example:1234");
  auto* ping_options = Choose<PingOptions>(ping, line);
  ping->add_option("--count", ping_options->count)
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  ping->add_option("--interval", ping_options->interval_seconds, "seconds between two")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
}

void AddPasswd(CLI::App* cli, CommandLine* line) {
  CLI::App* passwd = Add(cli, "passwd", "Write the broker's password_file",
                         "  esockets passwd passwords ann\n"
                         "  pwgen 20 1 | esockets passwd passwords robot\n"
                         "  esockets passwd passwords ann --delete");
  auto* options = Choose<PasswdOptions>(passwd, line);
  passwd->add_option("FILE", options->file, "begun if it is not there")->required();
  passwd
      ->add_option("USER", options->user,
                   "gets the password that is typed, or the first line of stdin")
      ->required();
  passwd->add_flag("--delete", options->remove, "takes the user out");
}

void AddBench(CLI::App* cli, CommandLine* line) {
  CLI::App* bench = Add(cli, "bench", "How fast one publisher's messages reach many subscribers",
                        "  esockets bench --messages=1000\n"
                        "  esockets bench --subscribers=50 --messages=500 --payload=1024\n"
                        "  esockets bench --messages=200 --rate=2000 --json");
  auto* options = Choose<BenchOptions>(bench, line);
  bench->add_option("--subscribers", options->subscribers, "connections, each subscribed")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  bench->add_option("--messages", options->messages, "published in all")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  bench->add_option("--payload", options->payload_bytes, "bytes of each message")
      ->check(CLI::Range(8, 1'000'000))
      ->capture_default_str();
  bench
      ->add_option("--rate", options->rate,
                   "messages per second, whether they are received or not, and latency from when "
                   "each was due; default: as fast as the slowest subscriber receives them")
      ->check(CLI::PositiveNumber);
  bench->add_option("--topic", options->topic, "default: one that nobody else uses");
}

}  // namespace

std::optional<int> ParseFlags(int argc, const char* const* argv, CommandLine* line) {
  CLI::App cli("Talks with an ESocketS broker.", "esockets");
  cli.footer(
      "Examples:\n"
      "  esockets sub 'room/#' &\n"
      "  esockets pub room/42/chat hello\n"
      "  esockets top\n"
      "Exit codes: 0 done, 1 wrong arguments or a local error, 2 cannot connect, 3 refused by the\n"
      "broker, 4 not in time, 5 connection lost, 6 not written to every subscriber (pub "
      "--confirm),\n"
      "7 answered with an error (req), 130 interrupted.");
  cli.require_subcommand(1);
  AddGlobals(&cli, &line->global);
  AddPub(&cli, line);
  AddSub(&cli, line);
  AddRequests(&cli, line);
  AddPresence(&cli, line);
  AddClients(&cli, line);
  AddDiagnostics(&cli, line);
  AddAcl(&cli, line);
  AddBroker(&cli, line);
  AddPasswd(&cli, line);
  AddBench(&cli, line);
  try {
    cli.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return cli.exit(error) == 0 ? kExitOk : kExitUsage;
  }
  return std::nullopt;
}

}  // namespace esockets::cli
