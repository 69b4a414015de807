// A client that misbehaves: life after life it comes in some way, does something, and goes in some
// way, as the dice say. It looks at what may never happen to anybody.
#ifndef TESTS_SOAK_BAD_CLIENT_H_
#define TESTS_SOAK_BAD_CLIENT_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "proto/esockets.pb.h"
#include "tests/soak/mischief.h"
#include "tests/soak/stage.h"

namespace esockets::soak {

class BadClient final : public WireEvents {
 public:
  BadClient(Stage* stage, size_t number);
  ~BadClient() override { DropWire(); }

  // Lives until Stop.
  void Start();
  // Goes for good, in some way.
  void Stop();
  bool is_gone() const { return wire_ == nullptr; }

 private:
  // What it shows, and what the broker must say to that.
  enum class Shown : uint8_t { kGood, kWrong, kRevoked, kRightPassword };

  void LiveLater();
  void Live();
  void SayNothing();
  void TalkNonsense();
  void Connect();
  ClientFrame ConnectWithCredentials();
  void SetWill(esockets::Connect* connect);
  void ActLater();
  void Act();
  void AskForFickle();
  void StopReadingForAWhile();
  void Go();
  void GoAbruptly();
  // Calls it, unless this life is over by then.
  void After(uint64_t least_ms, uint64_t most_ms, void (BadClient::*what)());

  void OnFrame(std::string_view body) override;
  void OnEnd(std::string_view why) override;
  void OnConnected(const Connected& connected);
  void OnFickleAnswer(bool is_permitted);
  void OnRevoked();
  void DropWire();

  Stage& stage_;
  Dice& dice_;
  const size_t number_;
  Mischief mischief_;
  std::unique_ptr<Wire> wire_;
  uint64_t life_ = 0;
  bool is_stopped_ = false;
  Shown shown_ = Shown::kGood;
  uint64_t shown_version_ = 0;  // when it was shown; of kRightPassword and kRevoked
  uint64_t counts_until_ = 0;   // the version that takes away what was shown
  uint64_t fickle_id_ = 0;      // of a request whose answer must be as the version says; 0: none
  uint64_t fickle_version_ = 0;
};

}  // namespace esockets::soak

#endif  // TESTS_SOAK_BAD_CLIENT_H_
