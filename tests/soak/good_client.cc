#include "tests/soak/good_client.h"

#include <charconv>
#include <utility>

#include "base/strings.h"
#include "broker/errors.h"
#include "tests/support/client_frames.h"

namespace esockets::soak {

using tests::ConnectFrame;
using tests::DisconnectFrame;
using tests::Framed;

void GoodClient::Join() {
  state_ = State::kConnecting;
  wire_ = std::make_unique<Wire>(
      &stage_.poller, stage_.doors,
      WireOptions{.via = options_.via, .receive_buffer_bytes = options_.receive_buffer_bytes},
      this);
  ++stage_.counters.opened;
  if (!wire_->Open()) return promises().Broken(Promise::kStays, name() + " finds no socket");
  ClientFrame hello = ConnectFrame(name());
  hello.mutable_connect()->set_token(stage_.premises.SteadyToken(name(), "good"));
  SendFrame(hello);
}

void GoodClient::DropWire() {
  if (!wire_) return;
  wire_->Close();
  stage_.poller.Bury(std::move(wire_));
}

void GoodClient::Rejoin() {
  DropWire();
  waiting_.clear();
  last_id_ = 0;
  Join();
}

void GoodClient::Leave() {
  if (!is_connected()) {
    state_ = State::kGone;
    return;
  }
  state_ = State::kLeaving;
  SendFrame(DisconnectFrame());
}

uint64_t GoodClient::Number(ClientFrame* frame) {
  const uint64_t id = ++last_id_;
  if (frame->has_subscribe()) frame->mutable_subscribe()->set_id(id);
  if (frame->has_unsubscribe()) frame->mutable_unsubscribe()->set_id(id);
  if (frame->has_publish()) frame->mutable_publish()->set_id(id);
  return id;
}

void GoodClient::Request(ClientFrame frame, Answer on_answer) {
  waiting_.emplace(Number(&frame), std::move(on_answer));
  SendFrame(frame);
}

void GoodClient::SendUnanswered(ClientFrame frame) {
  Number(&frame);
  SendFrame(frame);
}

void GoodClient::SendFrame(const ClientFrame& frame) { wire_->Send(Framed(frame)); }

void GoodClient::Subscribe(esockets::Subscribe subscribe, Answer on_answer) {
  ClientFrame frame;
  *frame.mutable_subscribe() = std::move(subscribe);
  Request(std::move(frame), std::move(on_answer));
}

void GoodClient::Unsubscribe(std::string_view filter, Answer on_answer) {
  ClientFrame frame;
  frame.mutable_unsubscribe()->set_filter(std::string(filter));
  Request(std::move(frame), std::move(on_answer));
}

void GoodClient::Judge(Promise promise, const std::string& error) {
  promises().Judge(promise, error.empty() ? error : base::StrCat(name(), ": ", error));
}

void GoodClient::OnFrame(std::string_view body) {
  proto::MessageView message;
  if (proto::DecodeMessage(body, &message)) {
    ++stage_.counters.messages;
    ++stage_.counters.messages_checked;
    return OnMessage(message);
  }
  ServerFrame frame;
  if (!frame.ParseFromArray(body.data(), static_cast<int>(body.size()))) {
    return promises().Broken(Promise::kStays, name() + " gets a frame that is none");
  }
  OnServerFrame(frame);
}

void GoodClient::OnServerFrame(const ServerFrame& frame) {
  switch (frame.kind_case()) {
    case ServerFrame::kConnected:
      state_ = State::kConnected;
      ++stage_.counters.connects;
      promises().Kept(Promise::kStays);
      return OnConnected(frame.connected());
    case ServerFrame::kSubscribed:
      return OnAnswer(frame.subscribed().id(), frame);
    case ServerFrame::kUnsubscribed:
      return OnAnswer(frame.unsubscribed().id(), frame);
    case ServerFrame::kPublished:
      return OnAnswer(frame.published().id(), frame);
    case ServerFrame::kGap:
      return OnGap(frame.gap());
    case ServerFrame::kSnapshotEnd:
      return OnSnapshotEnd(frame.snapshot_end());
    case ServerFrame::kPong:
      return OnPong();
    case ServerFrame::kClose:
      return OnClose(frame.close());
    default:
      return promises().Broken(Promise::kStays,
                               base::StrCat(name(), " gets: ", frame.ShortDebugString()));
  }
}

void GoodClient::OnAnswer(uint64_t id, const ServerFrame& frame) {
  const auto found = waiting_.find(id);
  if (found == waiting_.end()) {
    return promises().Broken(Promise::kPublished,
                             base::StrCat(name(), ": no answer to ", id,
                                          " was waited for, came: ", frame.ShortDebugString()));
  }
  promises().Kept(Promise::kPublished);
  const Answer on_answer = std::move(found->second);
  waiting_.erase(found);
  if (on_answer) on_answer(frame);
}

void GoodClient::OnGap(const Gap& gap) {
  Judge(Promise::kAccounted, base::StrCat("expected no Gap, came: ", gap.ShortDebugString()));
}

void GoodClient::OnClose(const Close& close) {
  const bool is_goodbye = close.code() == static_cast<uint32_t>(broker::CloseCode::kGoodbye);
  Judge(Promise::kStays,
        state_ == State::kLeaving && is_goodbye ? "" : "is closed: " + close.ShortDebugString());
  state_ = State::kGone;
  DropWire();
}

void GoodClient::OnEnd(std::string_view why) {
  Judge(Promise::kStays, base::StrCat("loses its connection: ", why));
  state_ = State::kGone;
  DropWire();
}

std::string NumberedPayload(uint64_t number, size_t bytes) {
  std::string payload = base::StrCat(number, " ");
  if (payload.size() < bytes) payload.resize(bytes, 'x');
  return payload;
}

uint64_t NumberIn(std::string_view payload) {
  uint64_t number = 0;
  std::from_chars(payload.data(), payload.data() + payload.size(), number);
  return number;
}

}  // namespace esockets::soak
