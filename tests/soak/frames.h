// Frames of clients as they go over the wire.
#ifndef TESTS_SOAK_FRAMES_H_
#define TESTS_SOAK_FRAMES_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "proto/esockets.pb.h"

namespace esockets::soak {

inline std::string Framed(std::string_view body) {
  std::string framed;
  size_t length = body.size();
  for (; length >= 0x80; length >>= 7) framed.push_back(static_cast<char>(length | 0x80));
  framed.push_back(static_cast<char>(length));
  return framed.append(body);
}

inline std::string Framed(const ClientFrame& frame) { return Framed(frame.SerializeAsString()); }

inline ClientFrame ConnectFrame(std::string_view client_id, std::string_view token) {
  ClientFrame frame;
  frame.mutable_connect()->set_protocol_version(1);
  frame.mutable_connect()->set_client_id(std::string(client_id));
  frame.mutable_connect()->set_token(std::string(token));
  return frame;
}

inline ClientFrame SubscribeFrame(uint64_t id, std::string_view filter) {
  ClientFrame frame;
  frame.mutable_subscribe()->set_id(id);
  frame.mutable_subscribe()->set_filter(std::string(filter));
  return frame;
}

inline ClientFrame UnsubscribeFrame(uint64_t id, std::string_view filter) {
  ClientFrame frame;
  frame.mutable_unsubscribe()->set_id(id);
  frame.mutable_unsubscribe()->set_filter(std::string(filter));
  return frame;
}

inline ClientFrame PublishFrame(uint64_t id, std::string_view topic, std::string_view payload) {
  ClientFrame frame;
  frame.mutable_publish()->set_id(id);
  frame.mutable_publish()->set_topic(std::string(topic));
  frame.mutable_publish()->set_payload(std::string(payload));
  return frame;
}

inline ClientFrame DisconnectFrame() {
  ClientFrame frame;
  frame.mutable_disconnect();
  return frame;
}

}  // namespace esockets::soak

#endif  // TESTS_SOAK_FRAMES_H_
