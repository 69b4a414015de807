// A session on a simulated loop, over a transport that is a string in each direction. What the
// program hears and what the broker gets are lines of text, in order.
#ifndef TESTS_CLIENTS_CPP_SESSION_FIXTURE_H_
#define TESTS_CLIENTS_CPP_SESSION_FIXTURE_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/strings.h"
#include "clients/cpp/dispatcher.h"
#include "clients/cpp/events.h"
#include "clients/cpp/frames.h"
#include "clients/cpp/message.h"
#include "clients/cpp/options.h"
#include "clients/cpp/outgoing_buffer.h"
#include "clients/cpp/reply_collector.h"
#include "clients/cpp/session.h"
#include "clients/cpp/status.h"
#include "gtest/gtest.h"
#include "tests/clients/cpp/fake_transport.h"
#include "tests/support/pretend_on_loop.h"
#include "tests/support/sim_executor.h"

namespace esockets::client {

// Nothing without a group.
template <typename... Words>
std::string InGroup(std::string_view group, const Words&... words) {
  return group.empty() ? "" : base::StrCat(words..., " in ", group);
}

class DiarySubscriber final : public Subscriber {
 public:
  DiarySubscriber(std::string filter, Lines* diary) : filter_(std::move(filter)), diary_(*diary) {}
  void OnMessage(const MessageView& message) override {
    diary_.push_back(base::StrCat(message.topic, "=", message.payload,
                                  InGroup(message.group, " for ", filter_)));
  }
  void OnEnd(const absl::Status& reason) override {
    diary_.push_back(
        base::StrCat("end of ", filter_, ": ", absl::StatusCodeToString(reason.code())));
  }

 private:
  const std::string filter_;
  Lines& diary_;
};

class SessionTest : public testing::Test {
 protected:
  SessionTest() {
    executor_.BeginTurn();
    options_.client_id = "me";
    options_.backoff_min = std::chrono::milliseconds(100);
    options_.backoff_max = std::chrono::seconds(1);
    options_.dice = [this] { return dice_; };
  }
  ~SessionTest() override {
    tests::PretendOnLoop();
    if (session_) session_->End(absl::OkStatus());
    executor_.EndTurn();
  }

  // --- what the program does
  // In place of the one before, if there was one.
  void Start() {
    tests::PretendOnLoop();
    if (session_) session_->End(absl::OkStatus());
    session_.reset();
    diary_.clear();
    outgoing_.emplace(1 << 20, WhenFull::kError, [this] {
      executor_.Post([this] {
        tests::PretendOnLoop();
        session_->Drain();
      });
    });
    session_.emplace(&executor_, &transport_, &*outgoing_, options_, Events());
    session_->Start();
  }
  void Publish(std::string_view topic, std::string_view payload) {
    std::string frame;
    AppendPublish(topic, payload, {}, {}, &frame);
    EXPECT_TRUE(outgoing_->Add(frame, /*may_wait=*/false).ok());
    executor_.NextTurn();
  }
  // A Publish that wants its Published; returns the id. `reply_topic`: ... that wants a reply.
  // `confirm_ms`: ... that wants a Delivery.
  uint64_t Ask(std::string_view topic, std::string_view reply_topic = {}, uint32_t confirm_ms = 0) {
    const auto write = [&](uint64_t id, std::string* frames) {
      AppendPublish(topic, "?", {.reply_to = std::string(reply_topic)},
                    {.id = id, .confirm_ms = confirm_ms}, frames);
    };
    PendingRequest request{.reply_topic = std::string(reply_topic)};
    const auto note = [this, name = std::string(topic)](const auto& answer) {
      diary_.push_back(base::StrCat("answer to ", name, ": ", TextOf(answer)));
    };
    reply_topic.empty() ? void(request.done = note)
                        : void(request.replies = std::make_shared<ReplyCollector>(1, note));
    const absl::StatusOr<uint64_t> id = outgoing_->AddControl(write, std::move(request));
    EXPECT_TRUE(id.ok());
    executor_.NextTurn();
    return id.value_or(0);
  }
  uint64_t Subscribe(const std::string& filter, const SubscribeOptions& options = {}) {
    tests::PretendOnLoop();
    const uint64_t id = ++subscribers_;
    session_->Subscribe(filter, options, {id, std::make_shared<DiarySubscriber>(filter, &diary_)},
                        [this, filter](const auto& outcome) {
                          const bool behind = outcome.ok() && outcome->stream;
                          diary_.push_back(base::StrCat(
                              filter, outcome.ok() ? " stands" : " refused",
                              behind ? base::StrCat(" behind ", outcome->stream->position) : ""));
                        });
    executor_.NextTurn();
    return id;
  }
  // `id`: what Subscribe returned.
  void Unsubscribe(const std::string& filter, uint64_t id) {
    tests::PretendOnLoop();
    session_->Unsubscribe({.filter = filter}, id);
    executor_.NextTurn();
  }
  void PauseRead() {
    tests::PretendOnLoop();
    session_->PauseRead();
  }
  void ResumeRead() {
    tests::PretendOnLoop();
    session_->ResumeRead();
    transport_.Arrive("");
  }
  void Close() {
    tests::PretendOnLoop();
    session_->Close();
  }

  // --- what the network does
  void Arrive(const std::string& text) { transport_.Arrive(Framed(text)); }
  // The attempt that is under way succeeds, up to Connected.
  void Greet(const std::string& connected = "connected { client_id: 'me' }") {
    transport_.Up();
    Arrive(connected);
  }
  void Advance(base::Duration by) {
    executor_.EndTurn();
    executor_.Advance(by);
    executor_.BeginTurn();
  }
  // Connected, with these filters subscribed, and nothing in the diary or in what was sent.
  void StartConnected(const Lines& filters = {}) {
    Start();
    Greet();
    uint64_t id = kBufferedIdsAfter;
    for (const std::string& filter : filters) {
      Subscribe(filter);
      Arrive(base::StrCat("subscribed { id: ", ++id, " }"));
    }
    transport_.TakeSent();
    TakeDiary();
  }
  // The connection breaks, and the next one is up to where Connected has come.
  void Reconnect() {
    transport_.Break();
    WaitForDial();
    Greet();
  }

  Lines TakeDiary() { return std::exchange(diary_, {}); }

  // The wait before the next attempt begins; a failure when none begins within a minute.
  std::chrono::milliseconds WaitForDial() {
    const int before = transport_.dials();
    for (std::chrono::milliseconds waited{0}; waited <= std::chrono::seconds(60);
         waited += std::chrono::milliseconds(1)) {
      Advance(std::chrono::milliseconds(waited.count() == 0 ? 0 : 1));
      if (transport_.dials() > before) return waited;
    }
    ADD_FAILURE() << "no attempt";
    return {};
  }

  static std::string TextOf(const absl::StatusOr<Answer>& answer) {
    if (!answer.ok()) return absl::StatusCodeToString(answer.status().code());
    if (answer->stored) {
      return base::StrCat("at ", answer->stored->position,
                          answer->stored->repeated ? " already" : "");
    }
    if (!answer->delivery) return "";
    const Delivery& delivery = *answer->delivery;
    return base::StrCat(delivery.matched, "=", delivery.written, "+", delivery.queued, "+",
                        delivery.conflated, "+", delivery.dropped, "+", delivery.gone);
  }

  static std::string TextOf(const absl::StatusOr<std::vector<Message>>& replies) {
    return replies.ok() ? replies->front().payload
                        : absl::StatusCodeToString(replies.status().code());
  }

  tests::SimExecutor executor_;
  double dice_ = 0.5;
  ClientOptions options_;
  FakeTransport transport_;
  std::optional<OutgoingBuffer> outgoing_;
  std::optional<Session> session_;
  absl::Status reason_;  // of the last state

 private:
  ClientEvents Events() {
    return {
        .on_state_change =
            [this](State state, const absl::Status& reason) {
              diary_.emplace_back(StateName(state));
              reason_ = reason;
            },
        .on_gap =
            [this](const Gap& gap) {
              diary_.push_back(base::StrCat("gap ", gap.filter, InGroup(gap.group)));
            },
        .on_snapshot_end =
            [this](const std::string& filter) {
              diary_.push_back(base::StrCat("snapshot end ", filter));
            },
        .on_resumed =
            [this](const StreamStart& resumed) {
              diary_.push_back(base::StrCat("resumed ", resumed.filter, " behind ",
                                            resumed.position,
                                            resumed.recovered ? "" : ", not recovered"));
            },
        .on_close =
            [this](const BrokerError& e) { diary_.push_back(base::StrCat("close ", e.code)); },
        .on_go_away =
            [this](const BrokerError& e) { diary_.push_back(base::StrCat("go away ", e.code)); },
        .on_error =
            [this](const absl::Status& error) {
              diary_.push_back(base::StrCat("error ", BrokerCode(error)));
            }};
  }

  Lines diary_;
  uint64_t subscribers_ = 0;
};

}  // namespace esockets::client

#endif  // TESTS_CLIENTS_CPP_SESSION_FIXTURE_H_
