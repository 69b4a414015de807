// Who asks, and who replies.
#ifndef TESTS_SOAK_REQUESTS_H_
#define TESTS_SOAK_REQUESTS_H_

#include <string>

#include "tests/soak/board.h"
#include "tests/soak/checks.h"
#include "tests/soak/good_client.h"
#include "tests/soak/readers.h"

namespace esockets::soak {

// Answers what is published to "ask/" and its own name.
class Replier final : public GoodClient {
 public:
  using GoodClient::GoodClient;
  std::string topic() const { return "ask/" + name(); }

 private:
  void OnConnected(const Connected& connected) override;
  void OnMessage(const proto::MessageView& message) override;
};

class Requester final : public Reader {
 public:
  Requester(Stage* stage, const Board* board, Options options, std::string topic)
      : Reader(stage, board, std::move(options), false), topic_(std::move(topic)) {}
  // When the replier is there.
  void Begin() { AskSome(); }
  void Stop() { is_stopped_ = true; }
  bool IsComplete() const override { return replies_.IsComplete(asked_); }
  void Finish() override { Judge(Promise::kReply, replies_.AtEnd(asked_)); }

 private:
  void OnConnected(const Connected& connected) override { inbox_ = connected.inbox(); }
  void OnMessage(const proto::MessageView& message) override;
  void AskSome();

  const std::string topic_;
  std::string inbox_;
  uint64_t asked_ = 0;
  OnceCheck replies_{1};
  uint64_t replied_ = 0;
  bool is_stopped_ = false;
};

}  // namespace esockets::soak

#endif  // TESTS_SOAK_REQUESTS_H_
