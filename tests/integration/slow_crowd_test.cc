// The ledger of slow clients over real sockets: thousands that have stopped at once, of which
// nobody else notices anything and nothing remains; and one that stops and goes on, again and
// again.
#include <algorithm>
#include <cstdint>
#include <iostream>
#include <optional>
#include <set>
#include <string>

#include "base/metrics.h"
#include "base/strings.h"
#include "broker/metrics.h"
#include "broker/slow_verdict.h"
#include "gtest/gtest.h"
#include "proto/admin.pb.h"
#include "proto/esockets.pb.h"
#include "tests/support/broker_fixture.h"
#include "tests/support/descriptor_keeper.h"
#include "tests/support/native_peer.h"
#include "tests/support/slow_watch.h"

namespace esockets::tests {
namespace {

using broker::SlowVerdict;

class SlowCrowd : public BrokerFixture {
 protected:
  size_t ClientsPossible() {
    constexpr size_t kWanted = 10'000;
    return std::min(kWanted, broker().server().descriptor_limit() - OpenDescriptors() - 100);
  }

  void ConnectAll(size_t count) {
    for (size_t i = 0; i < count; ++i) {
      NativePeer peer =
          Peer({.source = base::StrCat("127.0.0.", 1 + i % 8), .receive_buffer_bytes = 4 * 1024});
      ASSERT_TRUE(peer.SendRaw(Framed(ConnectFrame()) + Framed(SubscribeFrame(1, "load"))));
      ASSERT_TRUE(peer.Receive()->has_connected());
      ASSERT_EQ(peer.Receive()->subscribed().id(), 1U);
      ASSERT_TRUE(clients_.Keep(peer.Take()));
    }
  }

  uint64_t SlowNow() {
    uint64_t clients = 0;
    for (const auto& of_verdict : broker().metrics().slow_clients) clients += of_verdict.value();
    return clients;
  }

  static uint64_t BacklogBytes(NativePeer& administrator) {
    admin::Info info;
    EXPECT_TRUE(info.ParseFromString(administrator.Ask("$SYS/info", "").value_or("")));
    return info.backlog_bytes();
  }

  DescriptorKeeper clients_;  // before the broker has its threads
};

// All of them, each once, the one that has waited longest first.
void ExpectAllListed(const admin::Slow& slow, size_t count) {
  EXPECT_FALSE(slow.more());
  EXPECT_EQ(slow.clients_size(), static_cast<int>(count));
  std::set<uint64_t> sessions;
  uint64_t oldest_ms = ~uint64_t{0};
  for (const admin::SlowClient& client : slow.clients()) {
    EXPECT_TRUE(sessions.insert(client.session_id()).second);
    EXPECT_TRUE(client.behind());
    EXPECT_GT(client.backlog_messages(), 0U);
    EXPECT_EQ(client.verdict(), "reader");
    EXPECT_LE(client.oldest_ms(), oldest_ms);
    oldest_ms = client.oldest_ms();
    if (testing::Test::HasFailure()) return;
  }
}

TEST_F(SlowCrowd, ThousandsThatHaveStoppedDisturbNobodyAndLeaveNothingBehind) {
  app::BrokerOptions options = DefaultOptions();
  options.settings.limits.admin_page_max = 10'000;
  options.settings.limits.payload_bytes_max = 16 << 20;
  options.settings.limits.high_watermark_bytes = 16 << 10;
  StartWithBystanders(options);
  const size_t count = ClientsPossible();
  ASSERT_GE(count, 500U) << "the limit of open files is too low";
  NativePeer administrator = ConnectedPeer();
  NativePeer publisher = ConnectedPeer();
  const size_t others = broker().server().open_clients();
  ASSERT_NO_FATAL_FAILURE(ConnectAll(count));

  const uint64_t exchanged = bystanders().exchanged();
  while (SlowNow() < count) {
    ASSERT_TRUE(publisher.Send(PublishFrame("load", std::string(4'000, 'x'))));
    ASSERT_TRUE(publisher.Ping());
  }
  const broker::Metrics& metrics = broker().metrics();
  const base::Counter& readers = metrics.slow_clients[static_cast<size_t>(SlowVerdict::kReader)];
  EXPECT_TRUE(WaitUntil([&] { return readers.value() == count; }));
  EXPECT_GT(bystanders().exchanged(), exchanged);
  std::cout << count << " slow clients, " << BacklogBytes(administrator)
            << " bytes in their backlogs; the bystanders exchanged "
            << bystanders().exchanged() - exchanged << " messages meanwhile" << std::endl;
  EXPECT_GT(BacklogBytes(administrator), 0U);
  EXPECT_LE(BacklogBytes(administrator), options.settings.limits.backlogs_bytes_max);
  ASSERT_NO_FATAL_FAILURE(ExpectAllListed(AskSlow(administrator), count));
  const admin::Slow page = AskSlow(administrator, "", 100);
  EXPECT_EQ(page.clients_size(), 100);
  EXPECT_TRUE(page.more());

  clients_.CloseAll();
  EXPECT_TRUE(WaitUntil([&] { return broker().server().open_clients() == others; }));
  EXPECT_EQ(BacklogBytes(administrator), 0U);
  EXPECT_EQ(SlowNow(), 0U);
  EXPECT_EQ(AskSlow(administrator).clients_size(), 0);
  EXPECT_GE(metrics.slow_total.value(), count);
  EXPECT_TRUE(publisher.Ping());
}

// --- one that stops and goes on -----------------------------------------------------------------

// Messages by their number: those that arrive, and those that a Gap reports, are all there are.
struct Account {
  uint64_t published = 0;
  uint64_t accounted = 0;

  ClientFrame Next() {
    return PublishFrame("t", base::StrCat(++published, " ", std::string(3'000, 'x')));
  }
  void Read(NativePeer& reader) {
    const std::optional<ServerFrame> frame = reader.Receive();
    ASSERT_TRUE(frame && (frame->has_message() || frame->has_gap()));
    accounted += frame->has_gap() ? frame->gap().messages() : 1;
    if (frame->has_gap()) return;
    ASSERT_EQ(std::stoull(frame->message().payload()), accounted);
  }
};

TEST_F(SlowCrowd, OneThatStopsAndGoesOnIsCountedEachTime) {
  constexpr uint64_t kStops = 4;
  app::BrokerOptions options = DefaultOptions();
  options.settings.limits.backlog_messages_max = 50;
  StartWithBystanders(options);
  NativePeer administrator = ConnectedPeer();
  NativePeer publisher = ConnectedPeer();
  NativePeer listener = ConnectedPeer();
  ASSERT_TRUE(listener.Subscribe("$SYS/slow"));
  NativePeer reader = ConnectedPeer("reader", {.receive_buffer_bytes = 16 * 1024});
  ASSERT_TRUE(reader.Subscribe("t"));
  Account account;
  uint64_t slow_ms_total = 0;
  for (uint64_t stop = 1; stop <= kStops; ++stop) {
    const uint64_t dropped = broker().metrics().dropped_messages_total.value();
    const auto shown = WatchSlow(administrator, "reader", 1, [&] {
      ASSERT_TRUE(publisher.Send(account.Next()));
      ASSERT_TRUE(publisher.Ping());
    });
    ASSERT_FALSE(shown.empty());
    EXPECT_EQ(shown.back().slow_total(), stop);
    EXPECT_EQ(shown.back().verdict(), "unknown");
    EXPECT_GT(broker().metrics().dropped_messages_total.value(), dropped);
    while (account.accounted < account.published) ASSERT_NO_FATAL_FAILURE(account.Read(reader));
    admin::SlowClient told = NextSlowEvent(listener);
    while (told.verdict() != "caught_up" && !HasFailure()) told = NextSlowEvent(listener);
    EXPECT_EQ(told.slow_total(), stop);
    EXPECT_GT(told.slow_ms_total(), slow_ms_total);
    slow_ms_total = told.slow_ms_total();
  }
  // The counter rounds down each time.
  EXPECT_LE(broker().metrics().slow_ms_total.value(), slow_ms_total);
  EXPECT_GE(broker().metrics().slow_ms_total.value() + kStops, slow_ms_total);
  const admin::Slow past = AskSlow(administrator, "reader");
  ASSERT_EQ(past.clients_size(), 1);
  EXPECT_EQ(past.clients(0).slow_total(), kStops);
  EXPECT_EQ(past.clients(0).slow_ms(), 0U);
  uint64_t dropped = 0;
  for (const admin::Drops& drops : past.clients(0).drops()) dropped += drops.messages();
  EXPECT_EQ(dropped, broker().metrics().dropped_messages_total.value());
}

}  // namespace
}  // namespace esockets::tests
