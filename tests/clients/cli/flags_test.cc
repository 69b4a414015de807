#include "clients/cli/flags.h"

#include <variant>
#include <vector>

#include "gtest/gtest.h"

namespace esockets::cli {
namespace {

std::optional<int> Parse(std::vector<const char*> arguments, CommandLine* line) {
  arguments.insert(arguments.begin(), "esockets");
  return ParseFlags(static_cast<int>(arguments.size()), arguments.data(), line);
}

TEST(Flags, GlobalsStandBeforeOrBehindTheSubcommand) {
  for (const auto& arguments : {std::vector<const char*>{"-s", "h:1", "pub", "t", "m"},
                                std::vector<const char*>{"pub", "t", "m", "--server=h:1"}}) {
    CommandLine line;
    EXPECT_EQ(Parse(arguments, &line), std::nullopt);
    EXPECT_EQ(line.global.server, "h:1");
    const auto& pub = std::get<PubOptions>(line.command);
    EXPECT_EQ(pub.topic, "t");
    EXPECT_EQ(pub.message, "m");
  }
}

TEST(Flags, EachSubcommandHasItsOptions) {
  CommandLine line;
  EXPECT_EQ(Parse({"sub", "a", "b/#", "--count=3", "--format=json", "--timestamps", "--from=last:3",
                   "--positions", "--overflow=replay"},
                  &line),
            std::nullopt);
  const auto& sub = std::get<SubOptions>(line.command);
  EXPECT_EQ(sub.filters, (std::vector<std::string>{"a", "b/#"}));
  EXPECT_EQ(sub.count, 3u);
  EXPECT_EQ(sub.format, "json");
  EXPECT_TRUE(sub.timestamps);
  EXPECT_TRUE(sub.positions);
  EXPECT_EQ(sub.from + sub.overflow, "last:3replay");
  EXPECT_EQ(Parse({"kick", "x", "--reason=y"}, &line), std::nullopt);
  EXPECT_EQ(std::get<KickOptions>(line.command).reason, "y");
  EXPECT_EQ(Parse({"top", "--once"}, &line), std::nullopt);
  EXPECT_TRUE(std::get<TopOptions>(line.command).once);
  EXPECT_EQ(Parse({"bench", "--payload=16", "--rate=0.5"}, &line), std::nullopt);
  EXPECT_EQ(std::get<BenchOptions>(line.command).payload_bytes, 16u);
}

TEST(Flags, Presence) {
  CommandLine line;
  EXPECT_EQ(Parse({"presence", "room/1", "--json"}, &line), std::nullopt);
  EXPECT_EQ(std::get<PresenceOptions>(line.command).topic, "room/1");
  EXPECT_FALSE(std::get<PresenceOptions>(line.command).watch);
  EXPECT_TRUE(line.global.json);
  EXPECT_EQ(Parse({"presence", "room/1", "--watch"}, &line), std::nullopt);
  EXPECT_TRUE(std::get<PresenceOptions>(line.command).watch);
  EXPECT_EQ(Parse({"presence"}, &line), 1);
}

TEST(Flags, Requests) {
  CommandLine line;
  EXPECT_EQ(Parse({"req", "a", "x", "--count=2", "--gather=0.5", "--timeout=3"}, &line),
            std::nullopt);
  const auto& req = std::get<ReqOptions>(line.command);
  EXPECT_EQ(req.topic, "a");
  EXPECT_EQ(req.payload, "x");
  EXPECT_EQ(req.count, 2U);
  EXPECT_EQ(req.gather_seconds, 0.5);
  EXPECT_EQ(line.global.timeout_seconds, 3);
  EXPECT_EQ(Parse({"req", "a"}, &line), std::nullopt);
  EXPECT_EQ(std::get<ReqOptions>(line.command).payload, std::nullopt);
  EXPECT_EQ(Parse({"reply", "a/#", "--count=7", "--", "sh", "-c", "date --utc", "--json"}, &line),
            std::nullopt);
  const auto& reply = std::get<ReplyOptions>(line.command);
  EXPECT_EQ(reply.filter, "a/#");
  EXPECT_EQ(reply.count, 7U);
  EXPECT_EQ(reply.command, (std::vector<std::string>{"sh", "-c", "date --utc", "--json"}));
  EXPECT_FALSE(line.global.json);
  EXPECT_EQ(Parse({"reply", "a"}, &line), 1);
  EXPECT_EQ(Parse({"req", "a", "x", "--gather=0"}, &line), 1);
}

TEST(Flags, Groups) {
  CommandLine line;
  EXPECT_EQ(Parse({"sub", "a/#", "--group=workers", "--strategy=hash"}, &line), std::nullopt);
  const auto& sub = std::get<SubOptions>(line.command);
  EXPECT_EQ(sub.group.name + sub.group.strategy, "workershash");
  EXPECT_EQ(Parse({"reply", "a/#", "--group=workers", "--strategy=first", "--", "cat"}, &line),
            std::nullopt);
  const auto& reply = std::get<ReplyOptions>(line.command);
  EXPECT_EQ(reply.group.name + reply.group.strategy, "workersfirst");
  for (const char* strategy : {"--strategy=round_robin", "--strategy=hash", "--strategy=first"}) {
    EXPECT_EQ(Parse({"sub", "a", "--group=workers", strategy}, &line), std::nullopt) << strategy;
    EXPECT_EQ(Parse({"sub", "a", strategy}, &line), 1) << "without a group " << strategy;
    EXPECT_EQ(Parse({"reply", "a", strategy, "--", "cat"}, &line), 1);
  }
  EXPECT_EQ(Parse({"sub", "a", "--group=workers"}, &line), std::nullopt);
  EXPECT_EQ(Parse({"sub", "a", "--group=workers", "--strategy=random"}, &line), 1);
}

TEST(Flags, SlowClosedAndTrace) {
  CommandLine line;
  EXPECT_EQ(Parse({"slow"}, &line), std::nullopt);
  EXPECT_FALSE(std::get<SlowOptions>(line.command).watch);
  EXPECT_EQ(Parse({"slow", "viewer", "--watch"}, &line), std::nullopt);
  EXPECT_TRUE(std::get<SlowOptions>(line.command).watch);
  EXPECT_EQ(std::get<SlowOptions>(line.command).client_id, "viewer");
  EXPECT_EQ(Parse({"closed", "17", "--json"}, &line), std::nullopt);
  EXPECT_EQ(std::get<ClosedOptions>(line.command).id, "17");
  EXPECT_TRUE(line.global.json);
  EXPECT_EQ(Parse({"trace", "a/b", "--client=me", "--key=k", "--bytes=9"}, &line), std::nullopt);
  const auto& trace = std::get<TraceOptions>(line.command);
  EXPECT_EQ(trace.topic + trace.client_id + trace.key, "a/bmek");
  EXPECT_EQ(trace.payload_bytes, 9u);
}

TEST(Flags, ConfirmHasATimeThatNeedNotBeGiven) {
  static constexpr struct {
    const char* flag;
    uint32_t seconds;
  } kCases[] = {{"--ack", 0}, {"--confirm", 5}, {"--confirm=1", 1}, {"--confirm=60", 60}};
  for (const auto& test : kCases) {
    CommandLine line;
    EXPECT_EQ(Parse({"pub", test.flag, "t", "m"}, &line), std::nullopt) << test.flag;
    EXPECT_EQ(std::get<PubOptions>(line.command).confirm_seconds, test.seconds) << test.flag;
    EXPECT_EQ(std::get<PubOptions>(line.command).topic, "t") << test.flag;
  }
}

TEST(Flags, WrongOnesEndWithOne) {
  for (const auto& arguments :
       {std::vector<const char*>{}, std::vector<const char*>{"nothing"},
        std::vector<const char*>{"pub"}, std::vector<const char*>{"kick"},
        std::vector<const char*>{"pub", "t", "m", "--count=0"},
        std::vector<const char*>{"pub", "t", "m", "--file=x"},
        std::vector<const char*>{"pub", "t", "m", "--confirm=0"},
        std::vector<const char*>{"pub", "t", "m", "--confirm=61"},
        std::vector<const char*>{"pub", "t", "m", "--confirm=2.5"},
        std::vector<const char*>{"pub", "t", "m", "--confirm=x"}, std::vector<const char*>{"trace"},
        std::vector<const char*>{"sub", "a", "--format=xml"},
        std::vector<const char*>{"sub", "a", "--from=17"},
        std::vector<const char*>{"ping", "--timeout=-1"}}) {
    CommandLine line;
    EXPECT_EQ(Parse(arguments, &line), 1);
  }
  CommandLine line;
  EXPECT_EQ(Parse({"sub", "--help"}, &line), 0);
}

}  // namespace
}  // namespace esockets::cli
