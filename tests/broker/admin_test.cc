#include "broker/admin.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "proto/admin.pb.h"
#include "proto/esockets.pb.h"
#include "tests/support/pretend_on_loop.h"
#include "tests/support/sim_client.h"
#include "tests/support/sim_cluster.h"

namespace esockets::broker {
namespace {

using tests::SimClient;
using tests::SimCluster;

// Three loops, an administrator on the first, clients c0 to c5 on all of them.
class AdminTest : public testing::Test {
 protected:
  AdminTest() {
    asks_ = Join(0, "admin");
    for (int i = 0; i < 6; ++i) {
      clients_.push_back(Join(static_cast<uint32_t>(i % 3), "c" + std::to_string(i)));
    }
    Turns();
    asks_->Lines();
  }
  static Settings WithRecvQueue() {
    Settings settings;
    settings.recv_queue = true;
    return settings;
  }
  std::unique_ptr<SimClient> Join(uint32_t loop, std::string_view client_id) {
    tests::PretendOnLoop();
    auto client = std::make_unique<SimClient>(&cluster_.loop(loop));
    client->Connect(client_id);
    return client;
  }
  void Turns() {
    for (int turn = 0; turn < 6; ++turn) {
      for (uint32_t loop = 0; loop < cluster_.size(); ++loop) cluster_.loop(loop).Turn();
    }
  }
  // Nothing: refused, and the code is in refused_.
  template <typename Reply>
  std::optional<Reply> Ask(std::string_view topic, const google::protobuf::MessageLite& request) {
    tests::PretendOnLoop();
    asks_->Request(topic, request.SerializeAsString());
    Turns();
    const std::vector<ServerFrame> frames = asks_->sink.TakeFrames();
    EXPECT_GE(frames.size(), 1u);
    if (frames.empty()) return std::nullopt;
    refused_ = frames[0].error().code();
    Reply reply;
    if (!frames[0].has_message() || !reply.ParseFromString(frames[0].message().payload())) {
      return std::nullopt;
    }
    return reply;
  }

  SimCluster cluster_{3, WithRecvQueue(), 64 << 10};
  std::unique_ptr<SimClient> asks_;
  std::vector<std::unique_ptr<SimClient>> clients_;
  uint32_t refused_ = 0;
};

TEST_F(AdminTest, ListsTheClientsOfEveryLoopInPages) {
  admin::ClientsRequest request;
  request.set_limit(2);
  std::vector<uint64_t> sessions;
  std::map<std::string, int> seen;
  for (bool more = true; more;) {
    const auto page = Ask<admin::Clients>("$SYS/clients", request);
    ASSERT_TRUE(page && page->clients_size() > 0);
    for (const auto& client : page->clients()) {
      sessions.push_back(client.session_id());
      ++seen[client.client_id()];
    }
    request.set_after_session_id(sessions.back());
    more = page->more();
  }
  EXPECT_TRUE(std::is_sorted(sessions.begin(), sessions.end()));
  EXPECT_EQ(seen.size(), 7u);
  EXPECT_EQ(sessions.size(), 7u);
}

TEST_F(AdminTest, FindsAClientOnWhateverLoopItIs) {
  for (int i = 0; i < 6; ++i) {
    admin::ClientsRequest request;
    request.set_client_id("c" + std::to_string(i));
    const auto found = Ask<admin::Clients>("$SYS/clients", request);
    ASSERT_TRUE(found && found->clients_size() == 1) << i;
    EXPECT_EQ(found->clients(0).client_id(), request.client_id());
  }
  admin::ClientsRequest request;
  request.set_client_id("nobody");
  EXPECT_FALSE(Ask<admin::Clients>("$SYS/clients", request));
  EXPECT_EQ(refused_, static_cast<uint32_t>(ErrorCode::kNoSuchClient));
}

TEST_F(AdminTest, InfoAddsUpTheLoopsAndTellsEach) {
  const auto info = Ask<admin::Info>("$SYS/info", admin::InfoRequest());
  ASSERT_TRUE(info);
  EXPECT_EQ(info->loops(), 3u);
  EXPECT_EQ(info->clients(), 7u);
  ASSERT_EQ(info->loop_size(), 3);
  EXPECT_EQ(info->loop(0).clients(), 3u);
  EXPECT_EQ(info->loop(2).clients(), 2u);
}

TEST_F(AdminTest, KicksOnAnotherLoopAndOneself) {
  admin::KickRequest request;
  request.set_client_id("c4");
  request.set_reason("noise");
  EXPECT_TRUE(Ask<admin::Kick>("$SYS/kick", request));
  ASSERT_TRUE(clients_[4]->sink.closed());
  EXPECT_EQ(clients_[4]->sink.closed()->detail, "noise");
  EXPECT_FALSE(Ask<admin::Kick>("$SYS/kick", request)) << "gone";
  request.set_client_id("admin");
  EXPECT_TRUE(Ask<admin::Kick>("$SYS/kick", request)) << "reads the answer first";
  EXPECT_TRUE(asks_->sink.closed()->flush_first);
}

TEST_F(AdminTest, ReadsARecvQueueOfAnotherLoop) {
  tests::PretendOnLoop();
  clients_[1]->Publish("t", "saved");
  admin::RecvRequest request;
  request.set_client_id("c1");
  const auto recv = Ask<admin::Recv>("$SYS/recv", request);
  ASSERT_TRUE(recv && recv->messages_size() == 1);
  EXPECT_EQ(recv->messages(0).payload(), "saved");
}

TEST_F(AdminTest, ExplainsWhatSomebodyMayDo) {
  admin::AclRequest request;
  request.set_action("publish");
  request.set_topic("a");
  const auto acl = Ask<admin::Acl>("$SYS/acl", request);
  ASSERT_TRUE(acl);
  EXPECT_EQ(acl->why(), "there are no permissions: everything is allowed");
  request.set_action("fly");
  EXPECT_FALSE(Ask<admin::Acl>("$SYS/acl", request));
  EXPECT_EQ(refused_, static_cast<uint32_t>(ErrorCode::kAdminBadRequest));
}

TEST_F(AdminTest, TracesAMessageOnEveryLoop) {
  tests::PretendOnLoop();
  for (const auto& client : clients_) client->Subscribe("a/#");
  clients_[1]->Subscribe("a/b");
  clients_[2]->Subscribe("x");
  Turns();
  admin::TraceRequest request;
  request.set_topic("a/b");
  request.set_limit(2);
  std::vector<std::string> receivers;
  int entries = 0;
  for (bool more = true; more;) {
    const auto page = Ask<admin::Trace>("$SYS/trace", request);
    ASSERT_TRUE(page && page->entries_size() > 0);
    EXPECT_EQ(page->receivers(), 6u) << "on each page those of all";
    for (const auto& entry : page->entries()) {
      ++entries;
      if (entry.receives()) receivers.push_back(entry.client_id());
    }
    ASSERT_LE(entries, 7) << "it goes on";
    request.set_after_session_id(page->entries().rbegin()->session_id());
    request.set_after_filter(page->entries().rbegin()->filter());
    more = page->more();
  }
  EXPECT_EQ(entries, 7);
  std::ranges::sort(receivers);
  EXPECT_EQ(receivers, (std::vector<std::string>{"c0", "c1", "c2", "c3", "c4", "c5"}));
  for (const auto& client : clients_)
    EXPECT_EQ(client->session().outbox().delivered_messages_total(), 0u);

  admin::TraceRequest one;
  one.set_topic("a/b");
  one.set_client_id("c2");
  const auto trace = Ask<admin::Trace>("$SYS/trace", one);
  ASSERT_TRUE(trace && trace->entries_size() == 2);
  EXPECT_EQ(trace->entries(1).outcome(), "no_match");
  EXPECT_EQ(trace->receivers(), 1u);
  one.set_client_id("nobody");
  EXPECT_FALSE(Ask<admin::Trace>("$SYS/trace", one));
  EXPECT_EQ(refused_, static_cast<uint32_t>(ErrorCode::kNoSuchClient));
  one.clear_client_id();
  one.set_topic("a/#");
  const auto refused = Ask<admin::Trace>("$SYS/trace", one);
  ASSERT_TRUE(refused);
  EXPECT_TRUE(refused->refused().starts_with("the topic breaks the rules of topics"));
}

// Somebody without a session asks.
class AdminAskTest : public AdminTest {
 protected:
  void AskWithoutSession(std::string topic, std::string payload) {
    tests::PretendOnLoop();
    cluster_.loop(0).admin.Ask(std::move(topic), std::move(payload),
                               [this](const AdminReply& reply) { replies_.push_back(reply); });
    Turns();
  }
  void ExpectRefused(ErrorCode code, std::string_view detail) {
    ASSERT_EQ(replies_.size(), 1U);
    EXPECT_TRUE(replies_[0].refused);
    EXPECT_EQ(replies_[0].code, code);
    EXPECT_EQ(replies_[0].content, detail);
  }

  std::vector<AdminReply> replies_;
};

TEST_F(AdminAskTest, GetsOneReplyOfAllLoops) {
  AskWithoutSession("$SYS/info", "");
  ASSERT_EQ(replies_.size(), 1U);
  admin::Info info;
  ASSERT_FALSE(replies_[0].refused);
  ASSERT_TRUE(info.ParseFromString(replies_[0].content));
  EXPECT_EQ(info.clients(), 7U);
  EXPECT_EQ(info.loop_size(), 3);
}

TEST_F(AdminAskTest, KicksAnyClient) {
  admin::KickRequest request;
  request.set_client_id("c2");
  AskWithoutSession("$SYS/kick", request.SerializeAsString());
  ASSERT_EQ(replies_.size(), 1U);
  EXPECT_FALSE(replies_[0].refused);
  EXPECT_TRUE(clients_[2]->sink.closed());
}

TEST_F(AdminAskTest, IsRefusedOnceByOneLoop) {
  AskWithoutSession("$SYS/clients", "\xff");
  ExpectRefused(ErrorCode::kAdminBadRequest, "esockets.admin.ClientsRequest");
}

TEST_F(AdminAskTest, IsToldThatNobodyAnswersSuchAQuestion) {
  AskWithoutSession("$SYS/weather", "");
  ExpectRefused(ErrorCode::kAdminUnknownRequest, "$SYS/weather");
}

TEST_F(AdminAskTest, IsToldThatThereIsNoSuchClient) {
  admin::RecvRequest request;
  request.set_client_id("nobody");
  AskWithoutSession("$SYS/recv", request.SerializeAsString());
  ExpectRefused(ErrorCode::kNoSuchClient, "nobody");
}

TEST_F(AdminTest, WhoAskedAndLeftIsForgotten) {
  tests::PretendOnLoop();
  asks_->Request("$SYS/clients", "");
  asks_->Vanish();
  Turns();
}

}  // namespace
}  // namespace esockets::broker
