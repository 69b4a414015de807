#include "clients/cli/child_process.h"

#include <signal.h>
#include <unistd.h>

#include <string>

#include "gtest/gtest.h"

namespace esockets::cli {
namespace {

Outcome OutcomeOf(const std::string& script, std::string_view input = "",
                  std::string_view topic = "t") {
  Interrupt interrupt;
  const auto outcome = RunCommand({"sh", "-c", script}, topic, input, &interrupt);
  EXPECT_TRUE(outcome.ok()) << outcome.status();
  return outcome.value_or(Outcome());
}

TEST(ChildProcess, GetsTheInputAndTheTopic) {
  EXPECT_EQ(OutcomeOf("cat", "hello").output, "hello");
  EXPECT_EQ(OutcomeOf("cat", "").output, "");
  EXPECT_EQ(OutcomeOf("printf '%s' \"$TOPIC\"", "", "a b/$c").output, "a b/$c");
  const std::string binary("\0\xFF\n", 3);
  EXPECT_EQ(OutcomeOf("cat", binary).output, binary);
}

// More than any pipe holds, in each direction, read or not.
TEST(ChildProcess, TakesAndGivesMuch) {
  const std::string much(5 << 20, 'x');
  EXPECT_EQ(OutcomeOf("cat", much).output.size(), much.size());
  EXPECT_EQ(OutcomeOf("true", much).failure, "");
  EXPECT_EQ(OutcomeOf("exec 0<&-; head -c 3000000 /dev/zero", much).output.size(), 3000000U);
}

TEST(ChildProcess, SaysHowItFailed) {
  EXPECT_EQ(OutcomeOf("true").failure, "");
  const Outcome outcome = OutcomeOf("echo partly; exit 3");
  EXPECT_EQ(outcome.failure, "exit code 3");
  EXPECT_EQ(outcome.output, "partly\n");
  EXPECT_EQ(OutcomeOf("kill -9 $$").failure, "signal 9");
}

TEST(ChildProcess, GetsTheSignalsThatWeDoNotTake) {
  EXPECT_EQ(OutcomeOf("kill -TERM $$").failure, "signal 15");
  EXPECT_EQ(OutcomeOf("kill -PIPE $$").failure, "signal 13");
}

TEST(ChildProcess, ThatCannotBeStarted) {
  Interrupt interrupt;
  const auto outcome = RunCommand({"/nonexistent/program"}, "t", "", &interrupt);
  EXPECT_TRUE(absl::IsInvalidArgument(outcome.status())) << outcome.status();
}

// Also one that does not listen, and its children.
TEST(ChildProcess, EndsWithCtrlC) {
  Interrupt interrupt;
  for (const std::string trap : {"", "trap '' TERM; "}) {
    // It interrupts us itself, when it is there.
    const std::string script = trap + "kill -INT " + std::to_string(::getpid()) + "; sleep 1000";
    const auto outcome = RunCommand({"sh", "-c", script}, "t", "", &interrupt);
    EXPECT_TRUE(absl::IsCancelled(outcome.status())) << outcome.status();
  }
}

}  // namespace
}  // namespace esockets::cli
