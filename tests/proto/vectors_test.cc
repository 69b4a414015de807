// The vectors that every client library shares, against the code of this folder.
#include <cstddef>
#include <fstream>
#include <iostream>
#include <string>
#include <string_view>
#include <vector>

#include "base/topic.h"
#include "broker/errors.h"
#include "google/protobuf/util/json_util.h"
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

using conformance::Vector;
using google::protobuf::util::MessageDifferencer;

constexpr uint32_t kFrameBytesMax = 1 << 20;

// Fails on a line that vector.proto does not describe.
std::vector<Vector> Load(const std::string& file) {
  std::ifstream in("tests/conformance/vectors/" + file);
  EXPECT_TRUE(in) << file;
  std::vector<Vector> vectors;
  for (std::string line; std::getline(in, line);) {
    const auto status = google::protobuf::util::JsonStringToMessage(line, &vectors.emplace_back());
    EXPECT_TRUE(status.ok()) << file << ":" << vectors.size() << ": " << status.ToString();
  }
  EXPECT_GT(vectors.size(), 5u) << file;
  return vectors;
}

std::string Bytes(const Vector& vector) {
  std::string bytes;
  for (size_t i = 0; i < vector.hex().size(); i += 3) {
    bytes += static_cast<char>(std::stoi(vector.hex().substr(i, 2), nullptr, 16));
  }
  return bytes;
}

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
  for (const Vector& vector : Load("client_frames.jsonl")) {
    SCOPED_TRACE(vector.name());
    const std::string bytes = Bytes(vector);
    ClientFrameView view;
    EXPECT_EQ(DecodeErrorName(DecodeClientFrame(Body(bytes), &view)), "OK");
    ExpectSame(ToProto(view), vector.client());
    if (!vector.decode_only()) {
      EXPECT_EQ(vector.client().SerializeAsString(), Body(bytes));
    }
  }
}

TEST(Vectors, ServerFrames) {
  for (const Vector& vector : Load("server_frames.jsonl")) {
    SCOPED_TRACE(vector.name());
    const std::string bytes = Bytes(vector);
    MessageView view;
    if (DecodeMessage(Body(bytes), &view)) {
      ExpectSame(ToProto(view), vector.server().message());
    } else {
      EXPECT_FALSE(vector.server().has_message());
      ServerFrame frame;
      EXPECT_TRUE(frame.ParseFromString(std::string(Body(bytes))));
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
  for (const Vector& vector : Load("server_frames.jsonl")) {
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
  for (const Vector& vector : Load("refused_frames.jsonl")) {
    SCOPED_TRACE(vector.name());
    EXPECT_EQ(Refusal(Bytes(vector)), vector.error());
    EXPECT_TRUE(IsName(broker::AllCloses(), vector.close())) << vector.close();
  }
}

// What the broker makes of them, minimal_client_test sees.
TEST(Vectors, RefusedRequestsAreWellFormedAndNameCodesOfTheTables) {
  for (const char* file : {"refused_connects.jsonl", "refused_requests.jsonl"}) {
    for (const Vector& vector : Load(file)) {
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
  for (const Vector& vector : Load("topics.jsonl")) {
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
