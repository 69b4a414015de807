#include "app/banner.h"

#include <cstddef>
#include <string>
#include <string_view>

#include "gtest/gtest.h"

namespace esockets::app {
namespace {

TEST(BannerTest, SaysWhatRuns) {
  EXPECT_EQ(Banner({.version = "ESocketS 9",
                    .listening = {"127.0.0.1:1234", "unix:/tmp/x"},
                    .administration = {"127.0.0.1:9234", "[::1]:9234", "unix:/tmp/y"},
                    .loops = 2,
                    .descriptors = 20'000,
                    .descriptors_before = 1024,
                    .limits = {},
                    .who = {},
                    .loopback_only = true,
                    .config = "",
                    .pid = 7}),
            "ESocketS 9\n"
            "listening on 127.0.0.1:1234\n"
            "listening on unix:/tmp/x\n"
            "administration on http://127.0.0.1:9234\n"
            "administration on http://[::1]:9234\n"
            "administration on unix:/tmp/y\n"
            "loops: 2; descriptors: 20000 (raised from 1024)\n"
            "limits: 1000000 clients, frame 1048576 bytes; a client: 10000 subscriptions, backlog "
            "8388608 bytes; memory: no limit\n"
            "no users: everybody on this machine may come in\n"
            "configuration: defaults\n"
            "pid 7: SIGTERM drains and stops, SIGHUP reloads the configuration\n");
}

TEST(BannerTest, SaysHowMuchMemoryItMayHave) {
  BannerFacts facts;
  facts.limits.memory_bytes_max = 100 << 20;
  EXPECT_NE(Banner(facts).find("; memory: 100 MiB\n"), std::string::npos) << Banner(facts);
}

TEST(BannerTest, SaysWherePagesAre) {
  BannerFacts facts;
  facts.listening = {"127.0.0.1:1", "127.0.0.1:2"};
  facts.websocket = {{"127.0.0.1:2"}, {"127.0.0.1:3", true}};
  facts.pages = {"/", "/chat/"};
  EXPECT_NE(Banner(facts).find("\nwebsocket on ws://127.0.0.1:2\n"
                               "pages on http://127.0.0.1:2/\n"
                               "pages on http://127.0.0.1:2/chat/\n"
                               "websocket on wss://127.0.0.1:3\n"
                               "pages on https://127.0.0.1:3/\n"),
            std::string::npos)
      << Banner(facts);
}

TEST(BannerTest, WhoMayComeIn) {
  const struct {
    WhoMayComeIn who;
    bool loopback_only;
    std::string_view line;
  } kCases[] = {
      {{}, true, "\nno users: everybody on this machine may come in\n"},
      {{}, false, "\nno users: everybody may come in\n"},
      {{.users = 3}, false, "\nusers: 3\n"},
      {{.users = 3, .tokens = true, .anonymous = true},
       false,
       "\nusers: 3, and bearers of tokens, and anybody without a name\n"},
  };
  for (const auto& test : kCases) {
    BannerFacts facts;
    facts.who = test.who;
    facts.loopback_only = test.loopback_only;
    EXPECT_NE(Banner(facts).find(test.line), std::string::npos) << Banner(facts);
  }
}

TEST(BannerTest, DescriptorsAtTheHardLimit) {
  BannerFacts facts;
  facts.descriptors = 4096;
  facts.descriptors_before = 4096;
  EXPECT_NE(Banner(facts).find("descriptors: 4096 (the hard limit)\n"), std::string::npos);
}

}  // namespace
}  // namespace esockets::app
