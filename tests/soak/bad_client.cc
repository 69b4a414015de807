#include "tests/soak/bad_client.h"

#include <array>
#include <utility>

#include "base/strings.h"
#include "broker/errors.h"
#include "proto/message_view.h"
#include "tests/soak/garbage.h"
#include "tests/support/client_frames.h"

namespace esockets::soak {

using tests::ConnectFrame;
using tests::DisconnectFrame;
using tests::Framed;

namespace {

constexpr std::array kVias = {Via::kTcp,   Via::kTcp,   Via::kTcp,       Via::kTcp,
                              Via::kUnix,  Via::kUnix,  Via::kWebSocket, Via::kDeflatedWebSocket,
                              Via::kTls12, Via::kTls13, Via::kNarrow};

// Client ids that many have: each takes over from the one before.
constexpr uint64_t kTwins = 40;
// Users, each with some clients.
constexpr uint64_t kUsers = 200;
constexpr int kSmallBufferBytes = 16 << 10;
constexpr uint64_t kForEver = UINT64_MAX;

}  // namespace

BadClient::BadClient(Stage* stage, size_t number)
    : stage_(*stage), dice_(stage->dice), number_(number), mischief_(&stage->dice) {}

void BadClient::Start() { LiveLater(); }

void BadClient::After(uint64_t least_ms, uint64_t most_ms, void (BadClient::*what)()) {
  stage_.poller.After(dice_.Pause(least_ms, most_ms), [this, what, life = life_] {
    if (life == life_ && !is_stopped_) (this->*what)();
  });
}

void BadClient::DropWire() {
  if (!wire_) return;
  wire_->Close();
  stage_.poller.Bury(std::move(wire_));
}

void BadClient::LiveLater() {
  DropWire();
  ++life_;
  if (!is_stopped_) After(0, 600, &BadClient::Live);
}

void BadClient::Live() {
  fickle_id_ = 0;
  ++stage_.counters.opened;
  const uint64_t way = dice_.Below(12);
  const bool talks_nonsense = way == 0 || way == 1;
  wire_ = std::make_unique<Wire>(
      &stage_.poller, stage_.doors,
      WireOptions{.via = dice_.Pick(kVias),
                  .source = static_cast<uint8_t>(10 + number_ % 100),
                  .receive_buffer_bytes = dice_.OneIn(3) ? kSmallBufferBytes : 0,
                  .has_carrier = !talks_nonsense},
      this);
  if (!wire_->Open()) return LiveLater();
  if (talks_nonsense) return TalkNonsense();
  if (way == 2) return SayNothing();
  Connect();
}

// Some wait until the broker has lost its patience.
void BadClient::SayNothing() { After(0, 5000, &BadClient::GoAbruptly); }

void BadClient::TalkNonsense() {
  wire_->SendRaw(FirstWords(&dice_));
  After(0, 1000, &BadClient::GoAbruptly);
}

// Half of them do not wait for the answer.
void BadClient::Connect() {
  mischief_.Begin("$INBOX/unknown");
  wire_->Send(Framed(ConnectWithCredentials()));
  if (dice_.OneIn(2)) wire_->Send(mischief_.SubscribeToHot() + mischief_.Some());
  if (dice_.OneIn(12)) return After(0, 50, &BadClient::GoAbruptly);
  ActLater();
  After(20, dice_.OneIn(3) ? 8000 : 1500, &BadClient::Go);
}

ClientFrame BadClient::ConnectWithCredentials() {
  const std::string user = base::StrCat("wild-", dice_.Below(kUsers));
  std::string client_id = base::StrCat("bad-", number_);
  if (dice_.OneIn(6)) client_id = base::StrCat("twin-", dice_.Below(kTwins));
  if (dice_.OneIn(6)) client_id.clear();
  ClientFrame frame = ConnectFrame(client_id);
  esockets::Connect* const connect = frame.mutable_connect();
  shown_ = Shown::kGood;
  shown_version_ = stage_.version_read;
  counts_until_ = kForEver;
  const uint64_t way = dice_.Below(20);
  if (way == 0) {
    shown_ = Shown::kWrong;
    connect->set_token(stage_.premises.WrongToken(user, &dice_));
  } else if (way == 1 && shown_version_ >= 2) {
    shown_ = Shown::kRevoked;
    connect->set_token(stage_.premises.ShakyToken(user, shown_version_ - 2));
  } else if (way == 2 && dice_.OneIn(8)) {
    // Passwords are dear, here too.
    const bool is_right = dice_.OneIn(2);
    shown_ = is_right ? Shown::kRightPassword : Shown::kWrong;
    if (is_right) counts_until_ = shown_version_ + 1;
    connect->set_user(std::string(kPasswordUser));
    connect->set_password(is_right ? std::string(kPassword) : "guessed");
  } else if (way == 3) {
    shown_ = Shown::kWrong;
  } else if (way == 4) {
    connect->set_token(stage_.premises.ShakyToken(user, stage_.version_asked, 2));
    counts_until_ = stage_.version_asked + 2;
  } else if (way == 5) {
    connect->set_token(std::string(kStaticToken));
  } else {
    connect->set_token(stage_.premises.ShakyToken(user, shown_version_));
    counts_until_ = shown_version_ + 2;
  }
  if (dice_.OneIn(8)) SetWill(connect);
  if (dice_.OneIn(20)) connect->set_keep_alive_ms(500);
  return frame;
}

void BadClient::SetWill(esockets::Connect* connect) {
  connect->set_name("a bad one");
  (*connect->mutable_metadata())["seat"] = base::StrCat(dice_.Below(10));
  Will* const will = connect->mutable_will();
  will->mutable_message()->set_topic(dice_.OneIn(8) ? "good/0" : "wild/wills");
  will->mutable_message()->set_payload("gone");
  will->set_delay_ms(static_cast<uint32_t>(dice_.Below(2000)));
}

void BadClient::ActLater() { After(0, 1000, &BadClient::Act); }

void BadClient::Act() {
  switch (dice_.Below(16)) {
    case 0:
      StopReadingForAWhile();
      break;
    case 1:
      wire_->HalfClose();
      break;
    case 2:
      // Of a frame that never ends.
      wire_->Send(mischief_.SubscribeToHot().substr(0, 3));
      return After(0, 500, &BadClient::GoAbruptly);
    case 3:
      wire_->Send(dice_.OneIn(2) ? BrokenFrame(&dice_) : Mutated(mischief_.Some(), &dice_));
      break;
    case 4:
      if (dice_.OneIn(3)) wire_->SendRaw(dice_.Bytes(dice_.Between(1, 100)));
      break;
    case 5:
      AskForFickle();
      break;
    default:
      wire_->Send(mischief_.Some());
  }
  if (wire_) ActLater();
}

void BadClient::AskForFickle() {
  if (!stage_.is_settled() || shown_ != Shown::kGood) return;
  uint64_t id = 0;
  wire_->Send(mischief_.SubscribeToFickle(&id));
  fickle_id_ = id;
  fickle_version_ = stage_.version_read;
}

void BadClient::StopReadingForAWhile() {
  wire_->Send(mischief_.SubscribeToHot());
  wire_->StopReading();
  stage_.poller.After(dice_.Pause(50, 4000), [this, life = life_] {
    if (life == life_ && wire_) wire_->ReadOn();
  });
}

void BadClient::Go() {
  switch (dice_.Below(5)) {
    case 0:
      wire_->Send(Framed(DisconnectFrame()));
      wire_->ReadOn();
      return After(2000, 2000, &BadClient::GoAbruptly);
    case 1:
      wire_->HalfClose();
      return After(0, 2000, &BadClient::GoAbruptly);
    default:
      GoAbruptly();
  }
}

void BadClient::GoAbruptly() {
  if (dice_.OneIn(2)) wire_->Reset();
  LiveLater();
}

void BadClient::Stop() {
  is_stopped_ = true;
  if (wire_ && dice_.OneIn(2)) wire_->Reset();
  LiveLater();
}

void BadClient::OnFrame(std::string_view body) {
  proto::MessageView message;
  if (proto::DecodeMessage(body, &message)) {
    ++stage_.counters.messages;
    if (message.topic.starts_with("secret/")) {
      stage_.promises.Broken(Promise::kHidden, base::StrCat("bad-", number_, " gets it"));
    }
    return;
  }
  ServerFrame frame;
  if (!frame.ParseFromArray(body.data(), static_cast<int>(body.size()))) return;
  if (fickle_id_ != 0 && frame.subscribed().id() == fickle_id_) return OnFickleAnswer(true);
  const auto denied = static_cast<uint32_t>(broker::ErrorCode::kNotPermitted);
  const bool is_denied = frame.error().id() == fickle_id_ && frame.error().code() == denied;
  if (fickle_id_ != 0 && is_denied) return OnFickleAnswer(false);
  if (frame.has_connected()) return OnConnected(frame.connected());
  if (frame.has_error()) ++stage_.counters.errors;
  if (!frame.has_close()) return;
  ++stage_.counters.closes;
  const auto code = static_cast<broker::CloseCode>(frame.close().code());
  if (code == broker::CloseCode::kCredentialsRevoked) return OnRevoked();
  if (code != broker::CloseCode::kNotAuthenticated) return;
  if (shown_ == Shown::kWrong) stage_.promises.Kept(Promise::kCredentials);
  if (shown_ == Shown::kRevoked) stage_.promises.Kept(Promise::kRevoked);
}

void BadClient::OnConnected(const Connected& connected) {
  ++stage_.counters.connects;
  mischief_.set_inbox(connected.inbox());
  if (shown_ == Shown::kWrong) {
    stage_.promises.Broken(Promise::kCredentials, base::StrCat("bad-", number_, " comes in"));
  }
  if (shown_ == Shown::kRevoked) {
    stage_.promises.Broken(Promise::kRevoked, base::StrCat("a key of version ", shown_version_ - 2,
                                                           " counts in version ", shown_version_));
  }
  const bool is_same_version = stage_.is_settled() && shown_version_ == stage_.version_read;
  if (shown_ == Shown::kRightPassword && is_same_version && !IsGenerous(shown_version_)) {
    stage_.promises.Broken(Promise::kRevoked, "a password that was taken away counts");
  }
}

void BadClient::OnRevoked() {
  const bool was_due = stage_.version_asked >= counts_until_;
  stage_.promises.Judge(
      Promise::kRevoked,
      was_due ? std::string()
              : base::StrCat("bad-", number_, " is closed in version ", stage_.version_asked,
                             ", what it has shown counts until ", counts_until_));
}

// Between two versions either may count.
void BadClient::OnFickleAnswer(bool is_permitted) {
  fickle_id_ = 0;
  if (!stage_.is_settled() || fickle_version_ != stage_.version_read) return;
  if (fickle_version_ >= counts_until_) {
    stage_.promises.Broken(
        Promise::kRevoked,
        base::StrCat("bad-", number_, " is answered in version ", fickle_version_,
                     ", what it has shown counts until ", counts_until_));
  }
  const bool may = IsGenerous(fickle_version_);
  stage_.promises.Judge(Promise::kRevoked,
                        may == is_permitted
                            ? std::string()
                            : base::StrCat("fickle/ is ", may ? "permitted" : "denied",
                                           " in version ", fickle_version_, ", and bad-", number_,
                                           is_permitted ? " may" : " may not"));
}

void BadClient::OnEnd(std::string_view /*why*/) { LiveLater(); }

}  // namespace esockets::soak
