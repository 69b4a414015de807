#include "clients/cpp/ticket.h"

#include "clients/cpp/status.h"
#include "gtest/gtest.h"

namespace esockets::client {
namespace {

TEST(Ticket, TheLastOneThatWasToldIsShown) {
  Ticket ticket;
  EXPECT_EQ(ticket.Show({}, ""), "");
  ticket.OnConnected("first");
  EXPECT_FALSE(ticket.empty());
  EXPECT_EQ(ticket.Show({}, ""), "first");
  ticket.OnGoAway("second");
  EXPECT_EQ(ticket.Show({}, ""), "second");
  ticket.OnGoAway("");
  EXPECT_EQ(ticket.Show({}, ""), "second") << "shown until another one is told";
  ticket.OnConnected("");
  EXPECT_TRUE(ticket.empty());
  EXPECT_EQ(ticket.Show({}, ""), "");
}

TEST(Ticket, OneThatIsRefusedIsForgottenIfThereWasNothingElse) {
  static const struct {
    const char* token;
    ClientOptions options;
    bool is_alone;
  } kCases[] = {{"", {}, true},
                {"", {.token = "which a source is in the place of"}, true},
                {"t", {}, false},
                {"", {.user = "u"}, false},
                {"", {.password = "p"}, false}};
  for (const auto& c : kCases) {
    Ticket ticket;
    ticket.OnConnected("ticket");
    ticket.Show(c.options, c.token);
    EXPECT_FALSE(ticket.OnClose(231)) << "taken over";
    EXPECT_FALSE(ticket.empty());
    EXPECT_EQ(ticket.OnClose(kNotAuthenticatedCode), c.is_alone);
    EXPECT_EQ(ticket.empty(), c.is_alone);
  }
}

TEST(Ticket, WithoutOneCredentialsWereRefused) {
  Ticket ticket;
  ticket.Show({}, "");
  EXPECT_FALSE(ticket.OnClose(kNotAuthenticatedCode));
  ticket.OnConnected("told since");
  EXPECT_FALSE(ticket.OnClose(kNotAuthenticatedCode)) << "it was not shown";
}

TEST(Ticket, EndsWithTheCredentials) {
  for (const uint32_t code : {kCredentialsExpiredCode, kCredentialsRevokedCode}) {
    Ticket ticket;
    ticket.OnConnected("ticket");
    ticket.Show({}, "");
    EXPECT_FALSE(ticket.OnClose(code)) << "whoever gives tokens decides";
    EXPECT_TRUE(ticket.empty());
  }
}

}  // namespace
}  // namespace esockets::client
