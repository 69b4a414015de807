// The vectors that every client library shares, against the code of this folder.
#include "tests/conformance/vectors.h"

#include <cstddef>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/topic.h"
#include "broker/errors.h"
#include "google/protobuf/util/message_differencer.h"
#include "gtest/gtest.h"
#include "proto/client_frame_decoder.h"
#include "proto/decode_error.h"
#include "proto/esockets.pb.h"
#include "proto/frame_delimiter.h"
#include "proto/message_view.h"
#include "proto/server_frame_encoder.h"
#include "tests/conformance/vector.pb.h"
#include "tests/support/view_to_proto.h"

namespace esockets::proto {
namespace {

using conformance::BytesOf;
using conformance::LoadVectors;
using conformance::Vector;
using google::protobuf::util::MessageDifferencer;

constexpr uint32_t kFrameBytesMax = 1 << 20;

// The body of the one frame that `bytes` are; views into them.
std::string_view Body(std::string_view bytes) {
  std::string_view body;
  size_t consumed = 0, needed = 0;
  EXPECT_EQ(CutFrame(bytes, kFrameBytesMax, &body, &consumed, &needed), CutResult::kFrame);
  EXPECT_EQ(consumed, bytes.size());
  return body;
}

void ExpectSame(const google::protobuf::Message& a, const google::protobuf::Message& b) {
  EXPECT_TRUE(MessageDifferencer::Equals(a, b)) << a.DebugString() << "---\n" << b.DebugString();
}

template <typename Code>
bool IsName(std::span<const broker::CodeInfo<Code>> all, std::string_view name) {
  for (const auto& info : all) {
    if (info.name == name) return true;
  }
  return false;
}

TEST(Vectors, ClientFrames) {
  for (const Vector& vector : LoadVectors("client_frames.jsonl")) {
    SCOPED_TRACE(vector.name());
    const std::string bytes = BytesOf(vector);
    ClientFrameView view;
    EXPECT_EQ(DecodeErrorName(DecodeClientFrame(Body(bytes), &view)), "OK");
    ExpectSame(ToProto(view), vector.client());
    if (!vector.decode_only()) {
      EXPECT_EQ(vector.client().SerializeAsString(), Body(bytes));
    }
  }
}

TEST(Vectors, ServerFrames) {
  for (const Vector& vector : LoadVectors("server_frames.jsonl")) {
    SCOPED_TRACE(vector.name());
    const std::string bytes = BytesOf(vector);
    MessageView view;
    if (DecodeMessage(Body(bytes), &view)) {
      ExpectSame(ToProto(view), vector.server().message());
    } else {
      EXPECT_FALSE(vector.server().has_message());
      ServerFrame frame;
      EXPECT_TRUE(frame.ParseFromString(std::string(Body(bytes))));
      frame.DiscardUnknownFields();
      ExpectSame(frame, vector.server());
    }
    if (!vector.decode_only()) {
      std::string encoded;
      AppendFrame(vector.server(), &encoded);
      EXPECT_EQ(encoded, bytes);
    }
  }
}

// The words that the broker's codes have, in the vectors of Close and Error.
TEST(Vectors, CodesSayWhatTheTablesSay) {
  for (const Vector& vector : LoadVectors("server_frames.jsonl")) {
    SCOPED_TRACE(vector.name());
    if (vector.server().has_close()) {
      const Close& close = vector.server().close();
      const auto& info = broker::Info(static_cast<broker::CloseCode>(close.code()));
      EXPECT_EQ(close.text(), info.text);
      EXPECT_EQ(close.advice(), info.advice);
      EXPECT_EQ(close.retryable(), info.retryable);
    }
    if (vector.server().has_error()) {
      const Error& error = vector.server().error();
      const auto& info = broker::Info(static_cast<broker::ErrorCode>(error.code()));
      EXPECT_EQ(error.text(), info.text);
      EXPECT_EQ(error.advice(), info.advice);
      EXPECT_EQ(error.retryable(), info.retryable);
    }
  }
}

// A client that reads them all has seen everything that a broker sends.
TEST(Vectors, ServerFramesAreOfEveryKindAndEveryCode) {
  std::set<int> kinds, reasons;
  std::set<uint32_t> errors, closes;
  for (const Vector& vector : LoadVectors("server_frames.jsonl")) {
    const ServerFrame& frame = vector.server();
    kinds.insert(frame.kind_case());
    if (frame.has_gap()) reasons.insert(frame.gap().reason());
    if (frame.has_error()) errors.insert(frame.error().code());
    if (frame.has_close()) closes.insert(frame.close().code());
  }
  for (int i = 0; i < ServerFrame::descriptor()->field_count(); ++i) {
    EXPECT_TRUE(kinds.contains(ServerFrame::descriptor()->field(i)->number())) << i;
  }
  EXPECT_TRUE(kinds.contains(ServerFrame::KIND_NOT_SET));
  for (int reason = Gap::BACKLOG_FULL; reason <= Gap::Reason_MAX; ++reason) {
    EXPECT_TRUE(reasons.contains(reason)) << Gap::Reason_Name(reason);
  }
  for (const auto& info : broker::AllErrors()) {
    EXPECT_TRUE(errors.contains(static_cast<uint32_t>(info.code))) << info.name;
  }
  using broker::CloseCode;
  const std::set<CloseCode> never_sent = {CloseCode::kLeft, CloseCode::kTlsFailed,
                                          CloseCode::kProxyRefused, CloseCode::kConnectionLost};
  for (const auto& info : broker::AllCloses()) {
    EXPECT_EQ(closes.contains(static_cast<uint32_t>(info.code)), !never_sent.contains(info.code))
        << info.name;
  }
}

TEST(Vectors, BrokenServerFramesCannotBeRead) {
  for (const Vector& vector : LoadVectors("broken_server_frames.jsonl")) {
    SCOPED_TRACE(vector.name());
    const std::string bytes = BytesOf(vector);
    std::string_view body;
    size_t consumed = 0, needed = 0;
    const CutResult cut = CutFrame(bytes, 64 << 20, &body, &consumed, &needed);
    EXPECT_NE(cut, CutResult::kIncomplete);
    if (cut != CutResult::kFrame) continue;
    MessageView view;
    EXPECT_FALSE(DecodeMessage(body, &view));
    EXPECT_FALSE(ServerFrame().ParseFromString(std::string(body)));
  }
}

std::string_view Refusal(std::string_view bytes) {
  std::string_view body;
  size_t consumed = 0, needed = 0;
  switch (CutFrame(bytes, kFrameBytesMax, &body, &consumed, &needed)) {
    case CutResult::kMalformed:
      return "BAD_LENGTH";
    case CutResult::kTooLong:
      return "FRAME_TOO_LARGE";
    case CutResult::kIncomplete:
      return "incomplete";
    case CutResult::kFrame:
      break;
  }
  ClientFrameView view;
  return DecodeErrorName(DecodeClientFrame(body, &view));
}

TEST(Vectors, RefusedFrames) {
  for (const Vector& vector : LoadVectors("refused_frames.jsonl")) {
    SCOPED_TRACE(vector.name());
    EXPECT_EQ(Refusal(BytesOf(vector)), vector.error());
    EXPECT_TRUE(IsName(broker::AllCloses(), vector.close())) << vector.close();
  }
}

// What the broker makes of them, minimal_client_test sees.
TEST(Vectors, RefusedRequestsAreWellFormedAndNameCodesOfTheTables) {
  for (const char* file : {"refused_connects.jsonl", "refused_requests.jsonl"}) {
    for (const Vector& vector : LoadVectors(file)) {
      SCOPED_TRACE(vector.name());
      const std::string body = vector.client().SerializeAsString();
      ClientFrameView view;
      EXPECT_EQ(DecodeErrorName(DecodeClientFrame(body, &view)), "OK");
      EXPECT_TRUE(vector.answer().empty() ? IsName(broker::AllCloses(), vector.close())
                                          : IsName(broker::AllErrors(), vector.answer()));
    }
  }
}

TEST(Vectors, Topics) {
  for (const Vector& vector : LoadVectors("topics.jsonl")) {
    SCOPED_TRACE(vector.ShortDebugString());
    const base::TopicLimits limits;
    if (vector.has_matches()) {
      EXPECT_EQ(base::FilterMatches(vector.filter(), vector.topic()), vector.matches());
    } else if (vector.has_filter()) {
      EXPECT_EQ(base::CheckFilter(vector.filter(), limits) == base::TopicError::kOk,
                vector.valid());
    } else {
      EXPECT_EQ(base::CheckTopic(vector.topic(), limits) == base::TopicError::kOk, vector.valid());
    }
  }
}

}  // namespace
}  // namespace esockets::proto
