#include "tests/support/client_frames.h"

namespace esockets::tests {

std::string Framed(std::string_view body) {
  std::string framed;
  for (size_t length = body.size(); true; length >>= 7) {
    if (length < 0x80) {
      framed.push_back(static_cast<char>(length));
      break;
    }
    framed.push_back(static_cast<char>((length & 0x7F) | 0x80));
  }
  framed.append(body);
  return framed;
}

std::string Framed(const ClientFrame& frame) { return Framed(frame.SerializeAsString()); }

ClientFrame ConnectFrame(std::string_view client_id) {
  ClientFrame frame;
  frame.mutable_connect()->set_protocol_version(1);
  frame.mutable_connect()->set_client_id(std::string(client_id));
  return frame;
}

ClientFrame SubscribeFrame(uint64_t id, std::string_view filter) {
  ClientFrame frame;
  frame.mutable_subscribe()->set_id(id);
  frame.mutable_subscribe()->set_filter(std::string(filter));
  return frame;
}

ClientFrame UnsubscribeFrame(uint64_t id, std::string_view filter) {
  ClientFrame frame;
  frame.mutable_unsubscribe()->set_id(id);
  frame.mutable_unsubscribe()->set_filter(std::string(filter));
  return frame;
}

ClientFrame PublishFrame(std::string_view topic, std::string_view payload, uint64_t id) {
  ClientFrame frame;
  frame.mutable_publish()->set_topic(std::string(topic));
  frame.mutable_publish()->set_payload(std::string(payload));
  frame.mutable_publish()->set_id(id);
  return frame;
}

ClientFrame PingFrame(uint64_t id) {
  ClientFrame frame;
  frame.mutable_ping()->set_id(id);
  return frame;
}

ClientFrame DisconnectFrame() {
  ClientFrame frame;
  frame.mutable_disconnect();
  return frame;
}

}  // namespace esockets::tests
