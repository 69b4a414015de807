// The in-place decoder accepts what the oracle accepts and reads the same from it, and what it
// forwards is the message that was published.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "google/protobuf/util/message_differencer.h"
#include "proto/client_frame_decoder.h"
#include "proto/decode_error.h"
#include "proto/esockets.pb.h"
#include "proto/frame_delimiter.h"
#include "proto/message_view.h"
#include "proto/server_frame_encoder.h"
#include "tests/fuzz/client_frame_oracle.h"

namespace esockets::proto {
namespace {

void Expect(bool condition, std::string_view what) {
  if (condition) return;
  std::cerr << what << "\n";
  std::abort();
}

void ExpectSame(const google::protobuf::Message& a, const google::protobuf::Message& b) {
  if (google::protobuf::util::MessageDifferencer::Equals(a, b)) return;
  std::cerr << "differ:\n" << a.DebugString() << "---\n" << b.DebugString();
  std::abort();
}

// What a view says, as protobuf.
class ToProto {
 public:
  explicit ToProto(ClientFrame* frame) : frame_(frame) {}

  void operator()(const ConnectView& view) const {
    Connect& out = *frame_->mutable_connect();
    out.set_protocol_version(view.protocol_version);
    out.set_client_id(std::string(view.client_id));
    out.set_token(std::string(view.token));
    out.set_user(std::string(view.user));
    out.set_password(std::string(view.password));
    out.set_name(std::string(view.name));
    out.set_keep_alive_ms(view.keep_alive_ms);
    out.set_resume(std::string(view.resume));
    uint32_t count = 0;
    size_t bytes = 0;
    for (const auto& [key, value] : view.metadata) {
      (*out.mutable_metadata())[std::string(key)] = std::string(value);
      ++count;
      bytes += key.size() + value.size();
    }
    Expect(count == view.metadata_count && bytes == view.metadata_bytes, "metadata counts");
  }

  void operator()(const SubscribeView& view) const {
    Subscribe& out = *frame_->mutable_subscribe();
    out.set_id(view.id);
    out.set_filter(std::string(view.filter));
    out.set_group(std::string(view.group));
    out.set_overflow(static_cast<Overflow>(view.overflow));
    out.set_max_backlog_messages(view.max_backlog_messages);
    out.set_max_backlog_bytes(view.max_backlog_bytes);
  }

  void operator()(const UnsubscribeView& view) const {
    frame_->mutable_unsubscribe()->set_id(view.id);
    frame_->mutable_unsubscribe()->set_filter(std::string(view.filter));
  }

  void operator()(const PublishView& view) const {
    Publish& out = *frame_->mutable_publish();
    out.set_topic(std::string(view.topic));
    out.set_payload(std::string(view.payload));
    out.set_reply_to(std::string(view.reply_to));
    out.set_key(std::string(view.key));
    out.set_ttl_ms(view.ttl_ms);
    out.set_id(view.id);
    size_t bytes_max = 0;
    for (const auto& [name, value] : view.headers) {
      Header& header = *out.add_headers();
      header.set_name(std::string(name));
      header.set_value(std::string(value));
      bytes_max = std::max({bytes_max, name.size(), value.size()});
    }
    Expect(out.headers_size() == static_cast<int>(view.header_count), "header count");
    Expect(bytes_max == view.header_bytes_max, "header bytes");
  }

  void operator()(const PingView& view) const { frame_->mutable_ping()->set_id(view.id); }

  void operator()(const DisconnectView& view) const {
    frame_->mutable_disconnect()->set_reason(std::string(view.reason));
  }

 private:
  ClientFrame* const frame_;
};

// `expected` parsed from the message that was encoded.
void CheckInPlaceReader(std::string_view body, const Message& expected) {
  MessageView view;
  Expect(DecodeMessage(body, &view), "a message that DecodeMessage cannot read");
  Message read;
  read.set_topic(std::string(view.topic));
  read.set_payload(std::string(view.payload));
  read.set_reply_to(std::string(view.reply_to));
  read.set_key(std::string(view.key));
  read.set_ttl_ms(view.ttl_ms);
  read.set_group(std::string(view.group));
  read.set_time_us(view.time_us);
  read.set_publisher(view.publisher);
  for (const auto& [name, value] : view.headers) {
    Header& header = *read.add_headers();
    header.set_name(std::string(name));
    header.set_value(std::string(value));
  }
  ExpectSame(read, expected);
}

void CheckForwarding(const PublishView& view, Publish publish) {
  const MessageParts parts = {.pieces = view.forwarded(),
                              .stamp_time = true,
                              .time_us = 1'700'000'000'000'000,
                              .stamp_publisher = true,
                              .publisher = 0};
  std::string bytes(MessageFrameSize(parts), '\0');
  Expect(EncodeMessageFrame(parts, bytes.data()) == bytes.size(), "size of the encoded message");
  std::string_view body;
  size_t consumed = 0, needed = 0;
  Expect(CutFrame(bytes, UINT32_MAX, &body, &consumed, &needed) == CutResult::kFrame, "no frame");
  Expect(consumed == bytes.size(), "more than a frame");
  ServerFrame frame;
  Expect(frame.ParseFromArray(body.data(), static_cast<int>(body.size())), "not a ServerFrame");
  CheckInPlaceReader(body, frame.message());

  Message& message = *frame.mutable_message();
  Expect(message.time_us() == parts.time_us, "time");
  message.clear_time_us();
  publish.clear_id();
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

  ClientFrame read;
  std::visit(ToProto(&read), view.command);
  ExpectSame(read, expected);
  if (const auto* publish = std::get_if<PublishView>(&view.command)) {
    CheckForwarding(*publish, expected.publish());
  }
}

}  // namespace
}  // namespace esockets::proto

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  // A copy of exactly this size: the sanitizer sees a read beyond the end.
  const std::vector<char> bytes(data, data + size);
  esockets::proto::Check({bytes.data(), bytes.size()});
  return 0;
}
