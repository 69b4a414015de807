#include "tests/support/view_to_proto.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>
#include <variant>

namespace esockets::proto {
namespace {

void Expect(bool condition, std::string_view what) {
  if (condition) return;
  std::cerr << what << "\n";
  std::abort();
}

class Writer {
 public:
  explicit Writer(ClientFrame* frame) : frame_(frame) {}

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
    if (view.will) {
      out.mutable_will()->set_delay_ms(view.will->delay_ms);
      ClientFrame message;
      Writer{&message}(view.will->message);
      *out.mutable_will()->mutable_message() = message.publish();
    }
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
    out.set_max_backlog_age_ms(view.max_backlog_age_ms);
    out.set_start(static_cast<Start>(view.start));
    out.set_start_at(view.start_at);
    out.set_start_epoch(view.start_epoch);
    out.set_skip_last_values(view.skip_last_values);
    out.set_group_strategy(static_cast<GroupStrategy>(view.group_strategy));
  }

  void operator()(const UnsubscribeView& view) const {
    frame_->mutable_unsubscribe()->set_id(view.id);
    frame_->mutable_unsubscribe()->set_filter(std::string(view.filter));
    frame_->mutable_unsubscribe()->set_group(std::string(view.group));
  }

  void operator()(const PublishView& view) const {
    Publish& out = *frame_->mutable_publish();
    out.set_topic(std::string(view.topic));
    out.set_payload(std::string(view.payload));
    out.set_reply_to(std::string(view.reply_to));
    out.set_key(std::string(view.key));
    out.set_ttl_ms(view.ttl_ms);
    out.set_id(view.id);
    out.set_confirm_ms(view.confirm_ms);
    out.set_message_id(std::string(view.message_id));
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

  void operator()(const RefreshView& view) const {
    frame_->mutable_refresh()->set_id(view.id);
    frame_->mutable_refresh()->set_token(std::string(view.token));
  }

 private:
  ClientFrame* const frame_;
};

}  // namespace

ClientFrame ToProto(const ClientFrameView& view) {
  ClientFrame frame;
  std::visit(Writer(&frame), view.command);
  return frame;
}

Message ToProto(const MessageView& view) {
  Message message;
  message.set_topic(std::string(view.topic));
  message.set_payload(std::string(view.payload));
  message.set_reply_to(std::string(view.reply_to));
  message.set_key(std::string(view.key));
  message.set_ttl_ms(view.ttl_ms);
  message.set_group(std::string(view.group));
  message.set_time_us(view.time_us);
  message.set_publisher(view.publisher);
  message.set_position(view.position);
  for (const auto& [name, value] : view.headers) {
    Header& header = *message.add_headers();
    header.set_name(std::string(name));
    header.set_value(std::string(value));
  }
  return message;
}

}  // namespace esockets::proto
