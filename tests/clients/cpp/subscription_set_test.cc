#include "clients/cpp/subscription_set.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "proto/esockets.pb.h"
#include "proto/frame_delimiter.h"

namespace esockets::client {
namespace {

struct Ear : Subscriber {
  void OnMessage(const MessageView&) override {}
  void OnEnd(const absl::Status& reason) override { end = reason.ToString(); }
  std::string end;
};

class SubscriptionSetTest : public testing::Test {
 protected:
  std::shared_ptr<Ear> Add(std::string_view filter, uint64_t id,
                           const SubscribeOptions& options = {}) {
    auto ear = std::make_shared<Ear>();
    set_.Add(filter, options, {id, ear}, [this, id](const auto& outcome) {
      done_.push_back(std::to_string(id) + (outcome.ok() ? " ok" : " refused"));
    });
    return ear;
  }

  // What was asked through the buffer: "s FILTER" and "u FILTER", with " GROUP"; the last id is
  // noted.
  std::vector<std::string> Asked() {
    std::vector<PendingRequest> requests;
    const std::string_view front = outgoing_.Front(1 << 20, &requests);
    std::vector<std::string> asked = Read(front);
    outgoing_.Consume(front.size());
    return asked;
  }

  std::vector<std::string> Read(std::string_view bytes) {
    std::vector<std::string> asked;
    while (!bytes.empty()) {
      std::string_view body;
      size_t consumed = 0;
      size_t needed = 0;
      proto::CutFrame(bytes, 1 << 20, &body, &consumed, &needed);
      bytes.remove_prefix(consumed);
      ClientFrame frame;
      frame.ParseFromArray(body.data(), static_cast<int>(body.size()));
      if (frame.has_subscribe()) asked.push_back(Line("s ", frame.subscribe()));
      if (frame.has_unsubscribe()) asked.push_back(Line("u ", frame.unsubscribe()));
      last_id_ = frame.has_subscribe() ? frame.subscribe().id() : frame.unsubscribe().id();
    }
    return asked;
  }

  template <typename Request>
  static std::string Line(const std::string& what, const Request& request) {
    return what + request.filter() + (request.group().empty() ? "" : " " + request.group());
  }

  using Strings = std::vector<std::string>;
  OutgoingBuffer outgoing_{1 << 20, WhenFull::kError, [] {}};
  SubscriptionSet set_{&outgoing_};
  Strings done_;
  uint64_t last_id_ = 0;
};

TEST_F(SubscriptionSetTest, WaitsForAConnection) {
  Add("a", 1);
  Add("a", 2);
  EXPECT_EQ(Asked(), Strings{});
  std::string frames;
  set_.OnUp(&frames);
  EXPECT_EQ(Read(frames), Strings{"s a"});  // one filter, one request
  EXPECT_LE(last_id_, kBufferedIdsAfter);
  EXPECT_TRUE(set_.OnSubscribed(last_id_, {}, nullptr));
  EXPECT_EQ(done_, (Strings{"1 ok", "2 ok"}));
  EXPECT_FALSE(set_.OnSubscribed(last_id_, {}, nullptr));
}

TEST_F(SubscriptionSetTest, AsksThroughTheBufferWhileConnected) {
  std::string frames;
  set_.OnUp(&frames);
  Add("a", 1);
  EXPECT_EQ(Asked(), Strings{"s a"});
  EXPECT_GT(last_id_, kBufferedIdsAfter);
  set_.OnSubscribed(last_id_, {}, nullptr);
  const auto other = Add("a", 2);
  Asked();
  set_.OnSubscribed(last_id_, {}, nullptr);
  EXPECT_EQ(done_, (Strings{"1 ok", "2 ok"}));
  set_.Remove({"a"}, 2);
  EXPECT_EQ(other->end, "CANCELLED: unsubscribed");
  EXPECT_EQ(Asked(), Strings{});  // somebody is left
  set_.Remove({"a"}, 1);
  EXPECT_EQ(Asked(), Strings{"u a"});
}

TEST_F(SubscriptionSetTest, ARefusedOneIsGoneTheOthersStay) {
  std::string frames;
  set_.OnUp(&frames);
  const auto first = Add("a", 1);
  Asked();
  set_.OnSubscribed(last_id_, {}, nullptr);
  const auto second = Add("a", 2);
  Asked();
  EXPECT_TRUE(set_.OnRefused(last_id_, absl::InternalError("no"), nullptr));
  EXPECT_EQ(done_, (Strings{"1 ok", "2 refused"}));
  EXPECT_EQ(first->end, "");
  EXPECT_EQ(second->end, "INTERNAL: no");
}

TEST_F(SubscriptionSetTest, ARefusalAfterAReconnectIsAnError) {
  std::string frames;
  set_.OnUp(&frames);
  const auto ear = Add("a", 1);
  Asked();
  set_.OnSubscribed(last_id_, {}, nullptr);
  set_.OnDown();
  frames.clear();
  set_.OnUp(&frames);
  Read(frames);
  Strings errors;
  set_.OnRefused(last_id_, absl::InternalError("no"),
                 [&](const absl::Status& error) { errors.push_back(error.ToString()); });
  EXPECT_EQ(errors, Strings{"INTERNAL: no"});
  EXPECT_EQ(ear->end, "INTERNAL: no");
}

TEST_F(SubscriptionSetTest, AGroupIsAskedForWithItsName) {
  std::string frames;
  set_.OnUp(&frames);
  Add("a", 1);
  Add("a", 2, {.group = "workers"});
  EXPECT_EQ(Asked(), (Strings{"s a", "s a workers"}));
  set_.OnSubscribed(last_id_, {}, nullptr);
  EXPECT_EQ(done_, Strings{"2 ok"});
  set_.OnDown();
  frames.clear();
  set_.OnUp(&frames);
  Strings again = Read(frames);
  std::ranges::sort(again);
  EXPECT_EQ(again, (Strings{"s a", "s a workers"}));
  set_.Remove({"a", "workers"}, 2);
  EXPECT_EQ(Asked(), Strings{"u a workers"});
}

// Nothing in a message says which of the two it came for.
TEST_F(SubscriptionSetTest, AClientIsInAGroupOnceForEachTopic) {
  static constexpr struct {
    std::string_view filter;
    const char* group;
    const char* outcome;
  } kCases[] = {{"a/+", "workers", "2 refused"}, {"a/1", "workers", "2 refused"},
                {"#", "workers", "2 refused"},   {"a", "workers", ""},
                {"a/+", "auditors", ""},         {"a/+", "", ""}};
  for (const auto& test : kCases) {
    Add("a/+", 1, {.group = "workers"});
    const auto second = Add(test.filter, 2, {.group = test.group});
    EXPECT_EQ(done_, *test.outcome == 0 ? Strings{} : Strings{test.outcome}) << test.filter;
    EXPECT_EQ(second->end.starts_with("ALREADY_EXISTS"), !done_.empty()) << second->end;
    set_.End(absl::CancelledError());
    done_.clear();
  }
}

// What another member did not get has a lower position than what came since.
TEST_F(SubscriptionSetTest, AGroupDoesNotCountPositions) {
  std::string frames;
  set_.OnUp(&frames);
  const auto ear = Add("a", 1, {.group = "workers"});
  Asked();
  const Beginning told{.stream = StreamStart{.name = "all", .epoch = 3, .position = 7}};
  set_.OnSubscribed(last_id_, told, nullptr);
  MessageView message;
  message.topic = "a";
  message.group = "workers";
  for (const uint64_t position : {9, 8, 7}) {
    message.position = position;
    EXPECT_EQ(set_.Dispatch(message), 1U) << position;
  }
}

TEST_F(SubscriptionSetTest, TheEndTellsEverybody) {
  const auto ear = Add("a/#", 1);
  set_.End(absl::AbortedError("over"));
  EXPECT_EQ(done_, Strings{"1 refused"});
  EXPECT_EQ(ear->end, "ABORTED: over");
}

}  // namespace
}  // namespace esockets::client
