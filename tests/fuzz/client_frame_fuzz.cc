// The in-place decoder accepts what the oracle accepts and reads the same from it, and what it
// forwards is the message that was published.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "google/protobuf/stubs/logging.h"
#include "google/protobuf/util/message_differencer.h"
#include "proto/client_frame_decoder.h"
#include "proto/decode_error.h"
#include "proto/esockets.pb.h"
#include "proto/frame_delimiter.h"
#include "proto/message_view.h"
#include "proto/server_frame_encoder.h"
#include "tests/fuzz/client_frame_oracle.h"
#include "tests/fuzz/expect.h"
#include "tests/support/view_to_proto.h"

namespace esockets::proto {
namespace {

using tests::Expect;

void ExpectSame(const google::protobuf::Message& a, const google::protobuf::Message& b) {
  if (google::protobuf::util::MessageDifferencer::Equals(a, b)) return;
  std::cerr << "differ:\n" << a.DebugString() << "---\n" << b.DebugString();
  std::abort();
}

void CheckForwarding(const PublishView& view, Publish publish) {
  const MessageParts parts = {.pieces = view.forwarded(),
                              .stamp_time = true,
                              .time_us = 1'700'000'000'000'000,
                              .stamp_publisher = true,
                              .publisher = 0,
                              .position = 1};
  std::string bytes(MessageFrameSize(parts), '\0');
  Expect(EncodeMessageFrame(parts, bytes.data()) == bytes.size(), "size of the encoded message");
  std::string_view body;
  size_t consumed = 0, needed = 0;
  Expect(CutFrame(bytes, UINT32_MAX, &body, &consumed, &needed) == CutResult::kFrame, "no frame");
  Expect(consumed == bytes.size(), "more than a frame");
  ServerFrame frame;
  Expect(frame.ParseFromArray(body.data(), static_cast<int>(body.size())), "not a ServerFrame");
  MessageView message_view;
  Expect(DecodeMessage(body, &message_view), "a message that DecodeMessage cannot read");
  ExpectSame(ToProto(message_view), frame.message());

  Message& message = *frame.mutable_message();
  Expect(message.time_us() == parts.time_us, "time");
  Expect(message.position() == parts.position, "position");
  message.clear_time_us();
  message.clear_position();
  publish.clear_id();
  publish.clear_confirm_ms();
  publish.clear_message_id();
  Message published;
  Expect(published.ParseFromString(publish.SerializeAsString()), "fields are not shared");
  ExpectSame(message, published);
}

void Check(std::string_view body) {
  ClientFrame expected;
  const bool accepted = OracleAccepts(body, &expected);
  ClientFrameView view;
  const DecodeError error = DecodeClientFrame(body, &view);
  Expect((error == DecodeError::kOk) == accepted, DecodeErrorText(error));
  if (!accepted) return;

  ExpectSame(ToProto(view), expected);
  if (const auto* publish = std::get_if<PublishView>(&view.command)) {
    CheckForwarding(*publish, expected.publish());
  }
}

}  // namespace
}  // namespace esockets::proto

// protobuf writes a line about each invalid string, which buries the fuzzer's own.
extern "C" int LLVMFuzzerInitialize(int* argc, char*** argv);
extern "C" int LLVMFuzzerInitialize(int* /*argc*/, char*** /*argv*/) {
  google::protobuf::SetLogHandler(nullptr);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // A copy of exactly this size: the sanitizer sees a read beyond the end.
  const std::vector<char> bytes(data, data + size);
  esockets::proto::Check({bytes.data(), bytes.size()});
  return 0;
}
