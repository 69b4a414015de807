#include "tests/clients/cpp/fake_transport.h"

#include <limits>
#include <utility>

#include "absl/status/status.h"
#include "base/strings.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "proto/esockets.pb.h"
#include "proto/frame_delimiter.h"
#include "proto/varint.h"
#include "tests/support/pretend_on_loop.h"

namespace esockets::client {
namespace {

using base::StrCat;

std::string StartOf(const Subscribe& subscribe) {
  if (subscribe.start() == START_NOW) return "";
  if (subscribe.start() == START_AFTER_POSITION) {
    return StrCat(" after ", subscribe.start_at(), " of ", subscribe.start_epoch());
  }
  return StrCat(" start ", static_cast<int>(subscribe.start()), " ", subscribe.start_at());
}

// Of a Subscribe or an Unsubscribe.
template <typename Request>
std::string GroupOf(const Request& request) {
  return request.group().empty() ? "" : StrCat(" in ", request.group());
}

// And the credentials beside it.
std::string TicketOf(const Connect& connect) {
  if (connect.resume().empty()) return "";
  return StrCat(" ticket ", connect.resume(), connect.token().empty() ? "" : " token ",
                connect.token(), connect.user().empty() ? "" : " user ", connect.user());
}

std::string LineOf(const ClientFrame& frame) {
  switch (frame.kind_case()) {
    case ClientFrame::kConnect:
      return StrCat("connect ", frame.connect().client_id(), TicketOf(frame.connect()));
    case ClientFrame::kSubscribe:
      return StrCat("subscribe ", frame.subscribe().id(), " ", frame.subscribe().filter(),
                    GroupOf(frame.subscribe()), StartOf(frame.subscribe()));
    case ClientFrame::kUnsubscribe:
      return StrCat("unsubscribe ", frame.unsubscribe().filter(), GroupOf(frame.unsubscribe()));
    case ClientFrame::kPublish:
      return StrCat("publish ", frame.publish().topic(), "=", frame.publish().payload(),
                    frame.publish().confirm_ms() == 0
                        ? ""
                        : StrCat(" confirm ", frame.publish().confirm_ms()));
    case ClientFrame::kPing:
      return StrCat("ping ", frame.ping().id());
    case ClientFrame::kDisconnect:
      return "disconnect";
    case ClientFrame::kRefresh:
      return StrCat("refresh ", frame.refresh().token());
    case ClientFrame::KIND_NOT_SET:
      break;
  }
  return "nothing";
}

}  // namespace

std::string Framed(const std::string& text) {
  ServerFrame frame;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &frame)) << text;
  char prefix[proto::kVarint64BytesMax];
  const char* const end = proto::PutVarint(frame.ByteSizeLong(), prefix);
  return std::string(prefix, static_cast<size_t>(end - prefix)) + frame.SerializeAsString();
}

void FakeTransport::Dial() {
  EXPECT_FALSE(dialing_ || up_);
  dialing_ = true;
  ++dials_;
}

void FakeTransport::Send(std::string_view frames) {
  if (!up_) return;
  sent_ += frames;
  if (std::exchange(congest_by_send_, false)) congested_ = true;
}

void FakeTransport::Up() {
  tests::PretendOnLoop();
  ASSERT_TRUE(std::exchange(dialing_, false));
  up_ = true;
  paused_ = congested_ = false;
  listener_->OnUp();
}

void FakeTransport::Break() {
  tests::PretendOnLoop();
  ASSERT_TRUE(dialing_ || up_);
  Forget();
  listener_->OnDown(absl::UnavailableError("broken"));
}

void FakeTransport::Uncongest() {
  tests::PretendOnLoop();
  congested_ = false;
  listener_->OnUncongested();
}

void FakeTransport::Arrive(std::string_view bytes) {
  tests::PretendOnLoop();
  input_ += bytes;
  if (!up_ || paused_) return;
  const std::string input = input_;
  const size_t done = listener_->OnBytes(input);
  if (up_) input_.erase(0, done);
}

Lines FakeTransport::TakeSent() {
  Lines lines;
  std::string_view rest = sent_;
  std::string_view body;
  size_t consumed = 0;
  size_t needed = 0;
  while (proto::CutFrame(rest, std::numeric_limits<uint32_t>::max(), &body, &consumed, &needed) ==
         proto::CutResult::kFrame) {
    ClientFrame frame;
    EXPECT_TRUE(frame.ParseFromArray(body.data(), static_cast<int>(body.size())));
    lines.push_back(LineOf(frame));
    rest.remove_prefix(consumed);
  }
  EXPECT_EQ(rest, "");
  sent_.clear();
  return lines;
}

}  // namespace esockets::client
