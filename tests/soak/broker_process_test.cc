#include "tests/soak/broker_process.h"

#include <unistd.h>

#include <csignal>

#include "gtest/gtest.h"

namespace esockets::soak {
namespace {

// In the place of the broker.
absl::Status StartShell(BrokerProcess* process, const std::string& script) {
  return process->Start("/bin/sh", {"-c", script});
}

TEST(BrokerProcess, TellsWhatItSaidAndHowItEnded) {
  BrokerProcess process;
  ASSERT_TRUE(StartShell(&process,
                         "echo 'listening on x'; echo 'pid 1: here'\n"
                         "echo 'T info    configuration reloaded changed=1' >&2\n"
                         "echo 'T info    client closed' >&2; echo 'x.cc:1: CHECK failed' >&2\n"
                         "exit 3")
                  .ok());
  EXPECT_EQ(process.banner(), (std::vector<std::string>{"listening on x", "pid 1: here"}));
  EXPECT_EQ(process.WaitForEnd(60), 3);
  EXPECT_FALSE(process.is_running());
  EXPECT_EQ(process.Reloads(), 1);
  EXPECT_EQ(process.Complaints().at(0), "x.cc:1: CHECK failed");
}

TEST(BrokerProcess, TellsOfASignal) {
  BrokerProcess process;
  ASSERT_TRUE(StartShell(&process, "echo 'pid 1: here'; kill -ABRT $$").ok());
  EXPECT_EQ(process.WaitForEnd(60), 128 + SIGABRT);
}

TEST(BrokerProcess, TellsWhyItDoesNotStart) {
  BrokerProcess process;
  const absl::Status started = StartShell(&process, "echo 'no port' >&2; exit 1");
  EXPECT_NE(started.ToString().find("no port"), std::string::npos) << started;
  BrokerProcess none;
  EXPECT_FALSE(none.Start("/nowhere/broker", {}).ok());
}

TEST(BrokerProcess, ComplaintsAreNoOrdinaryEvents) {
  for (const char* line : {"broker/x.cc:7: CHECK failed: a == b", "ERROR: AddressSanitizer: heap",
                           "WARNING: ThreadSanitizer: data race", "a.cc:1:2: runtime error: shift",
                           "2026-01-01T00:00:00.000Z error   it is broken"}) {
    EXPECT_TRUE(IsComplaint(line)) << line;
  }
  EXPECT_FALSE(IsComplaint("2026-01-01T00:00:00.000Z info    client closed reason=PROTOCOL_ERROR"));
}

TEST(Descriptors, AreCounted) {
  EXPECT_GE(Descriptors(::getpid()), 3);
  EXPECT_EQ(Descriptors(-1), 0);
}

}  // namespace
}  // namespace esockets::soak
