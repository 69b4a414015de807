#include "gateways/native/native_codec.h"

#include "base/strings.h"
#include "base/utf8.h"
#include "broker/errors.h"
#include "gateways/first_bytes.h"
#include "proto/decode_error.h"
#include "proto/esockets.pb.h"
#include "proto/frame_delimiter.h"
#include "proto/server_frame_encoder.h"

namespace esockets::native {
namespace {

using broker::CloseCode;

// By its first bytes, as far as they have come.
bool LooksNative(std::string_view bytes) {
  const gateways::FirstBytes what = gateways::WhatSpeaks(bytes);
  return what == gateways::FirstBytes::kNative || what == gateways::FirstBytes::kUndecided;
}

}  // namespace

size_t NativeCodec::Decode(std::string_view bytes, broker::Session* session) {
  size_t done = 0;
  while (done < bytes.size() && !session->ended() && !session->sink().reading_paused()) {
    size_t consumed = DecodePublishes(bytes.substr(done), session);
    if (consumed == 0 && !DecodeOne(bytes.substr(done), session, &consumed)) break;
    done += consumed;
  }
  return session->ended() ? bytes.size() : done;
}

size_t NativeCodec::DecodePublishes(std::string_view bytes, broker::Session* session) {
  const auto runs = publishes_.Cut(bytes, session->publish_limits(),
                                   [session](std::string_view topic) ESOCKETS_ON_LOOP {
                                     return session->TakesPublishesTo(topic);
                                   });
  if (runs.empty()) return 0;
  size_t done = 0;
  for (const proto::PublishRun& run : runs.first(session->OnPublishes(runs))) done += run.bytes();
  return done;
}

bool NativeCodec::DecodeOne(std::string_view bytes, broker::Session* session, size_t* consumed) {
  if (session->is_new() && !LooksNative(bytes)) {
    session->End(CloseCode::kUnknownProtocol, "");
    return false;
  }
  const uint32_t frame_bytes_max = session->frame_bytes_max();
  std::string_view body;
  size_t needed = 0;
  switch (proto::CutFrame(bytes, frame_bytes_max, &body, consumed, &needed)) {
    case proto::CutResult::kFrame:
      break;
    case proto::CutResult::kIncomplete:
      return false;
    case proto::CutResult::kTooLong:
      session->End(session->is_new() ? CloseCode::kFirstPacketTooLarge : CloseCode::kFrameTooLarge,
                   base::StrCat("limit ", frame_bytes_max, " bytes"));
      return false;
    case proto::CutResult::kMalformed:
      session->End(CloseCode::kProtocolError, "the length of a frame is malformed");
      return false;
  }
  const proto::DecodeError error = proto::DecodeClientFrame(body, &frame_);
  if (error != proto::DecodeError::kOk) {
    session->End(CloseCode::kProtocolError, proto::DecodeErrorText(error));
    return false;
  }
  session->OnFrame(frame_);
  return true;
}

void NativeCodec::AppendAnswer(broker::Answer answer, uint64_t id, std::string* out) const {
  char frame[proto::kAnswerBytesMax];
  size_t size = 0;
  switch (answer) {
    case broker::Answer::kSubscribed:
      size = proto::EncodeSubscribed(id, frame);
      break;
    case broker::Answer::kUnsubscribed:
      size = proto::EncodeUnsubscribed(id, frame);
      break;
    case broker::Answer::kPublished:
      size = proto::EncodePublished(id, frame);
      break;
    case broker::Answer::kPong:
      size = proto::EncodePong(id, frame);
      break;
  }
  out->append(frame, size);
}

void NativeCodec::AppendFrame(const ServerFrame& frame, std::string* out) const {
  proto::AppendFrame(frame, out);
}

void NativeCodec::AppendClose(const broker::SessionSink::Ending& ending, std::string* out) const {
  const broker::CloseInfo& info = broker::Info(ending.code);
  ServerFrame frame;
  esockets::Close& close = *frame.mutable_close();
  close.set_code(static_cast<uint32_t>(ending.code));
  close.set_text(std::string(info.text));
  // What a client sent may be quoted here.
  if (base::IsValidUtf8(ending.detail)) close.set_detail(std::string(ending.detail));
  close.set_retryable(info.retryable);
  close.set_retry_after_ms(ending.retry_after_ms);
  close.set_advice(std::string(info.advice));
  proto::AppendFrame(frame, out);
}

}  // namespace esockets::native
