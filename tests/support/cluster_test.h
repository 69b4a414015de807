// A broker on one loop, two and four, with clients spread over them: what tests of that which has
// its home on one loop begin with.
#ifndef TESTS_SUPPORT_CLUSTER_TEST_H_
#define TESTS_SUPPORT_CLUSTER_TEST_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/strings.h"
#include "broker/shard.h"
#include "gtest/gtest.h"
#include "proto/esockets.pb.h"
#include "tests/support/pretend_on_loop.h"
#include "tests/support/sim_client.h"
#include "tests/support/sim_cluster.h"

namespace esockets::tests {

// The parameter: how many loops.
class ClusterTest : public testing::TestWithParam<uint32_t> {
 protected:
  using Lines = std::vector<std::string>;

  ClusterTest() { PretendOnLoop(); }

  void Start() { cluster_ = std::make_unique<SimCluster>(GetParam(), settings_, 64 << 10); }
  // On loops that take turns.
  std::unique_ptr<SimClient> Join(std::string_view client_id) {
    PretendOnLoop();
    auto client = std::make_unique<SimClient>(&cluster_->loop(NextLoop()));
    client->Connect(client_id);
    Settle();
    EXPECT_EQ(client->Lines(), Lines{base::StrCat("connected ", client_id)});
    return client;
  }
  // Has shown this token, and perhaps a ticket: what became of that is in its sink.
  std::unique_ptr<SimClient> Show(std::string_view client_id, std::string_view token,
                                  std::string_view ticket = {}) {
    PretendOnLoop();
    auto client = std::make_unique<SimClient>(&cluster_->loop(NextLoop()));
    ClientFrame frame;
    frame.mutable_connect()->set_protocol_version(1);
    frame.mutable_connect()->set_client_id(std::string(client_id));
    frame.mutable_connect()->set_token(std::string(token));
    frame.mutable_connect()->set_resume(std::string(ticket));
    client->Send(frame);
    Settle();
    return client;
  }
  uint32_t NextLoop() { return next_loop_++ % cluster_->size(); }
  void Turn() {
    PretendOnLoop();
    for (uint32_t loop = 0; loop < cluster_->size(); ++loop) cluster_->loop(loop).Turn();
  }
  void Settle() {
    for (int turn = 0; turn < 20; ++turn) Turn();
  }
  void Pass(base::Duration time) {
    PretendOnLoop();
    for (uint32_t loop = 0; loop < cluster_->size(); ++loop) {
      SimExecutor& executor = cluster_->loop(loop).executor;
      executor.EndTurn();
      executor.Advance(time);
      executor.BeginTurn();
    }
  }
  // Payloads are the numbers.
  void Publish(SimClient& client, std::string_view topic, int from, int to) {
    PretendOnLoop();
    for (int i = from; i <= to; ++i) {
      client.Publish(topic, base::StrCat(i));
      Turn();
    }
    Settle();
  }
  // Calls visit(broker::Shard&) for each loop.
  template <typename Visitor>
  void ForEachLoop(Visitor visit) {
    PretendOnLoop();
    for (uint32_t loop = 0; loop < cluster_->size(); ++loop) visit(cluster_->loop(loop).shard);
  }

  broker::Settings settings_;
  std::unique_ptr<SimCluster> cluster_;

 private:
  uint32_t next_loop_ = 0;
};

inline auto LoopCounts() { return testing::Values(1U, 2U, 4U); }
inline std::string LoopCountName(const testing::TestParamInfo<uint32_t>& info) {
  return std::to_string(info.param);
}

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_CLUSTER_TEST_H_
