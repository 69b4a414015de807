// How a session begins in a stream, and goes on there on its next connection.
#include <cstdint>
#include <string>

#include "base/strings.h"
#include "clients/cpp/session.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/clients/cpp/fake_transport.h"
#include "tests/clients/cpp/session_fixture.h"

namespace esockets::client {
namespace {

using base::StrCat;
using testing::ElementsAre;
using testing::IsEmpty;

class SessionStreamsTest : public SessionTest {
 protected:
  void Answer(uint64_t id, uint64_t position, uint64_t epoch = 3, bool recovered = true) {
    Arrive(StrCat("subscribed { id: ", id, " stream { name: 'chat' epoch: ", epoch,
                  " position: ", position, recovered ? " recovered: true" : "", " } }"));
  }
  void Message(const std::string& topic, uint64_t position) {
    Arrive(StrCat("message { topic: '", topic, "' payload: '", position, "' position: ", position,
                  " }"));
  }
};

TEST_F(SessionStreamsTest, BeginsWhereItWasTold) {
  StartConnected();
  Subscribe("chat/#", {.start = Start::Last(2)});
  EXPECT_THAT(transport_.TakeSent(),
              ElementsAre(StrCat("subscribe ", kBufferedIdsAfter + 1, " chat/# start 3 2")));
  Answer(kBufferedIdsAfter + 1, 5);
  Message("chat/1", 6);
  EXPECT_THAT(TakeDiary(), ElementsAre("chat/# stands behind 5", "chat/1=6"));
}

TEST_F(SessionStreamsTest, LastValuesComeFirstAndAgainOnTheNextConnection) {
  StartConnected();
  Subscribe("state/#", {});
  Arrive(StrCat("subscribed { id: ", kBufferedIdsAfter + 1, " last_values: true }"));
  Message("state/1", 6);
  Arrive("snapshot_end { filter: 'state/#' }");
  Message("state/1", 7);
  EXPECT_THAT(TakeDiary(),
              ElementsAre("state/# stands", "state/1=6", "snapshot end state/#", "state/1=7"));
  Reconnect();
  TakeDiary();
  Arrive("subscribed { id: 1 last_values: true }");
  Message("state/1", 7);
  Arrive("snapshot_end { filter: 'state/#' }");
  EXPECT_THAT(TakeDiary(), ElementsAre("connected", "state/1=7", "snapshot end state/#"));
}

TEST_F(SessionStreamsTest, GoesOnBehindTheLastMessage) {
  StartConnected();
  Subscribe("chat/#", {.start = Start::Last(2)});
  Answer(kBufferedIdsAfter + 1, 5);
  Message("chat/1", 6);
  transport_.TakeSent();
  TakeDiary();
  Reconnect();
  EXPECT_THAT(transport_.TakeSent(), ElementsAre("connect me", "subscribe 1 chat/# after 6 of 3"));
  Answer(1, 6);
  Message("chat/1", 7);
  EXPECT_THAT(TakeDiary(), ElementsAre("waiting", "connecting", "resumed chat/# behind 6",
                                       "connected", "chat/1=7"));
  // A broker that was started again has another epoch, and counts from 1.
  Reconnect();
  EXPECT_THAT(transport_.TakeSent(), ElementsAre("connect me", "subscribe 1 chat/# after 7 of 3"));
  TakeDiary();
  Answer(1, 0, 4, /*recovered=*/false);
  Message("chat/1", 1);
  EXPECT_THAT(TakeDiary(),
              ElementsAre("resumed chat/# behind 0, not recovered", "connected", "chat/1=1"));
  Reconnect();
  EXPECT_THAT(transport_.TakeSent(), ElementsAre("connect me", "subscribe 1 chat/# after 1 of 4"));
}

TEST_F(SessionStreamsTest, OfOverlappingFiltersTheWidestReadsAndNobodyGetsAMessageTwice) {
  StartConnected();
  Subscribe("chat/1");
  Answer(kBufferedIdsAfter + 1, 0);
  Message("chat/1", 1);
  Subscribe("chat/#", {.start = Start::LastOfEachTopic(1)});
  Answer(kBufferedIdsAfter + 2, 0);
  Message("chat/1", 1);
  Message("chat/2", 2);
  EXPECT_THAT(TakeDiary(), ElementsAre("chat/1 stands behind 0", "chat/1=1",
                                       "chat/# stands behind 0", "chat/1=1", "chat/2=2"));
  transport_.TakeSent();
  Reconnect();
  EXPECT_THAT(transport_.TakeSent(),
              ElementsAre("connect me", "subscribe 1 chat/1", "subscribe 2 chat/# after 2 of 3"));
  TakeDiary();
  Answer(1, 4);
  Message("chat/1", 5);  // will be read
  EXPECT_THAT(TakeDiary(), IsEmpty());
  Answer(2, 2);
  for (const uint64_t position : {3, 4, 5}) Message("chat/1", position);
  EXPECT_THAT(TakeDiary(),
              ElementsAre("resumed chat/# behind 2", "resumed chat/1 behind 2", "connected",
                          "chat/1=3", "chat/1=3", "chat/1=4", "chat/1=4", "chat/1=5", "chat/1=5"));
}

TEST_F(SessionStreamsTest, WhoRodeOnARefusedFilterHearsWhatIsPublished) {
  StartConnected();
  Subscribe("chat/1");
  Answer(kBufferedIdsAfter + 1, 0);
  Subscribe("chat/#");
  Answer(kBufferedIdsAfter + 2, 0);
  Reconnect();
  TakeDiary();
  Answer(1, 4);
  Arrive("error { id: 2 code: 124 }");
  Message("chat/1", 5);
  EXPECT_THAT(TakeDiary(), ElementsAre(testing::StartsWith("end of chat/#"), "error 124",
                                       "connected", "chat/1=5"));
}

TEST_F(SessionStreamsTest, WithoutAStreamItBeginsAnew) {
  StartConnected({"a"});
  Message("a", 7);  // of a stream that keeps only this topic of the filter's
  Reconnect();
  EXPECT_THAT(transport_.TakeSent(), ElementsAre("connect me", "subscribe 1 a"));
  Arrive("subscribed { id: 1 }");
  Message("a", 7);
  EXPECT_THAT(TakeDiary(), ElementsAre("a=7", "waiting", "connecting", "connected", "a=7"));
}

TEST_F(SessionStreamsTest, WhatIsPublishedHasItsPlace) {
  StartConnected();
  const uint64_t id = Ask("chat/1");
  Arrive(StrCat("published { id: ", id, " stored { epoch: 3 position: 8 repeated: true } }"));
  EXPECT_THAT(TakeDiary(), ElementsAre("answer to chat/1: at 8 already"));
}

}  // namespace
}  // namespace esockets::client
