// A client that does everything right: nothing may happen to it, and each of its requests is
// answered.
#ifndef TESTS_SOAK_GOOD_CLIENT_H_
#define TESTS_SOAK_GOOD_CLIENT_H_

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "proto/esockets.pb.h"
#include "proto/message_view.h"
#include "tests/soak/stage.h"

namespace esockets::soak {

class GoodClient : public WireEvents {
 public:
  struct Options {
    std::string name;  // its user and its client id
    Via via = Via::kTcp;
    int receive_buffer_bytes = 0;
  };

  GoodClient(Stage* stage, Options options) : stage_(*stage), options_(std::move(options)) {}
  ~GoodClient() override { DropWire(); }

  void Join();
  bool is_connected() const { return state_ == State::kConnected; }
  // No request of its own waits for its answer.
  bool is_answered() const { return waiting_.empty(); }
  // Says goodbye.
  void Leave();
  bool is_gone() const { return state_ == State::kGone; }

  const std::string& name() const { return options_.name; }

  // Waits for nothing but for what others publish; or lost its connection, which was told.
  bool is_settled() const { return (is_connected() && is_answered()) || is_gone(); }

 protected:
  using Answer = std::function<void(const ServerFrame&)>;

  virtual void OnConnected(const Connected& /*connected*/) {}
  virtual void OnMessage(const proto::MessageView& message) = 0;
  virtual void OnGap(const Gap& gap);
  virtual void OnSnapshotEnd(const SnapshotEnd& /*end*/) {}
  // Beside Published, Subscribed and Unsubscribed, which waits has the answer to.
  virtual void OnPong() {}

  // `on_answer`: gets Subscribed, Unsubscribed or Published; an Error breaks a promise.
  void Request(ClientFrame frame, Answer on_answer = nullptr);
  // With an id, because ids rise; nothing but an Error would answer it.
  void SendUnanswered(ClientFrame frame);
  void SendFrame(const ClientFrame& frame);
  void Subscribe(Subscribe subscribe, Answer on_answer = nullptr);
  void Unsubscribe(std::string_view filter, Answer on_answer = nullptr);

  // Ends without a word, and comes back.
  void Rejoin();

  Stage& stage() { return stage_; }
  Promises& promises() { return stage_.promises; }
  Wire& wire() { return *wire_; }
  size_t waiting() const { return waiting_.size(); }
  // A check of a message that this client got.
  void Judge(Promise promise, const std::string& error);

 private:
  enum class State : uint8_t { kNew, kConnecting, kConnected, kLeaving, kGone };

  void OnFrame(std::string_view body) final;
  void OnEnd(std::string_view why) final;
  void OnServerFrame(const ServerFrame& frame);
  void OnAnswer(uint64_t id, const ServerFrame& frame);
  void OnClose(const Close& close);
  uint64_t Number(ClientFrame* frame);
  void DropWire();

  Stage& stage_;
  const Options options_;
  State state_ = State::kNew;
  std::unique_ptr<Wire> wire_;
  uint64_t last_id_ = 0;
  std::map<uint64_t, Answer> waiting_;
};

// What publishers have in a payload: their number, then bytes that mean nothing.
std::string NumberedPayload(uint64_t number, size_t bytes);
uint64_t NumberIn(std::string_view payload);

}  // namespace esockets::soak

#endif  // TESTS_SOAK_GOOD_CLIENT_H_
