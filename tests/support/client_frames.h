// Frames of clients, the shortest of their kind, and as they go over the wire.
#ifndef TESTS_SUPPORT_CLIENT_FRAMES_H_
#define TESTS_SUPPORT_CLIENT_FRAMES_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "proto/esockets.pb.h"

namespace esockets::tests {

// One frame as it goes over the wire: length and bytes.
std::string Framed(std::string_view body);
std::string Framed(const ClientFrame& frame);

ClientFrame ConnectFrame(std::string_view client_id = {});
ClientFrame SubscribeFrame(uint64_t id, std::string_view filter);
ClientFrame UnsubscribeFrame(uint64_t id, std::string_view filter);
ClientFrame PublishFrame(std::string_view topic, std::string_view payload, uint64_t id = 0);
ClientFrame PingFrame(uint64_t id);
ClientFrame DisconnectFrame();

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_CLIENT_FRAMES_H_
