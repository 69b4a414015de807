// Holds the quick way of recognising Publishes to the slow one: what it takes, the frame delimiter
// cuts and the decoder reads as the same; and what a client with protobuf would send, it takes.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "proto/client_frame_decoder.h"
#include "proto/decode_error.h"
#include "proto/esockets.pb.h"
#include "proto/frame_delimiter.h"
#include "proto/message_frame.h"
#include "proto/publish_run.h"
#include "proto/varint.h"
#include "tests/fuzz/expect.h"

namespace esockets::proto {
namespace {

using tests::Expect;

constexpr PublishRun::Limits kLimits{
    .frame_bytes_max = 1000, .payload_bytes_max = 900, .frames_max = 3};

// The Publish that the decoder sees at the beginning; null: none, or not within the limits.
const PublishView* Decode(std::string_view bytes, ClientFrameView* view, size_t* consumed) {
  std::string_view body;
  size_t needed = 0;
  if (CutFrame(bytes, kLimits.frame_bytes_max, &body, consumed, &needed) != CutResult::kFrame) {
    return nullptr;
  }
  if (DecodeClientFrame(body, view) != DecodeError::kOk) return nullptr;
  return std::get_if<PublishView>(&view->command);
}

// As protobuf writes it.
std::string Written(const PublishView& publish) {
  ClientFrame frame;
  frame.mutable_publish()->set_topic(std::string(publish.topic));
  frame.mutable_publish()->set_payload(std::string(publish.payload));
  char prefix[kVarint64BytesMax];
  std::string bytes(prefix, PutVarint(frame.ByteSizeLong(), prefix));
  frame.AppendToString(&bytes);
  return bytes;
}

void CheckRun(const PublishRun& run, std::string_view* rest) {
  uint64_t payload_bytes = 0;
  Expect(run.frames().count() >= 1 && run.frames().count() <= kLimits.frames_max,
         "frames of a run");
  for (base::FrameSequence frames = run.frames(); !frames.empty(); frames.RemoveFirst(1)) {
    ClientFrameView view;
    size_t consumed = 0;
    const PublishView* publish = Decode(*rest, &view, &consumed);
    Expect(publish != nullptr, "the decoder sees a Publish");
    Expect(frames.front() == rest->substr(0, consumed), "the same bytes");
    Expect(publish->topic == run.topic(), "the same topic");
    Expect(publish->id == 0 && publish->header_count == 0 && publish->reply_to.empty() &&
               publish->key.empty() && publish->ttl_ms == 0,
           "nothing but topic and payload");
    Expect(publish->piece_count == 1 && FieldsOfFrame(frames.front()) == publish->pieces[0],
           "forwarded as it is");
    payload_bytes += publish->payload.size();
    rest->remove_prefix(consumed);
  }
  Expect(run.payload_bytes() == payload_bytes, "payload bytes");
}

void Check(std::string_view bytes) {
  PublishRuns cut;
  std::string_view rest = bytes;
  // A decoder that refuses a topic is asked before the run is taken.
  const auto runs = cut.Cut(bytes, kLimits, [&](std::string_view topic) {
    ClientFrame frame;
    frame.mutable_publish()->set_topic(std::string(topic));
    const std::string body = frame.SerializeAsString();
    ClientFrameView view;
    return DecodeClientFrame(body, &view) == DecodeError::kOk;
  });
  for (const PublishRun& run : runs) CheckRun(run, &rest);
  if (runs.size() == PublishRuns::kRunsMax) return;
  // It stopped here: not at what a client with protobuf would have written.
  ClientFrameView view;
  size_t consumed = 0;
  const PublishView* publish = Decode(rest, &view, &consumed);
  if (publish == nullptr || publish->topic.empty()) return;
  if (publish->payload.size() > kLimits.payload_bytes_max) return;
  Expect(Written(*publish) != rest.substr(0, consumed), "it takes what protobuf writes");
}

}  // namespace
}  // namespace esockets::proto

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  esockets::proto::Check({reinterpret_cast<const char*>(data), size});
  return 0;
}
