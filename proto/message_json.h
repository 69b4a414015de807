// Messages of administration as JSON, for scripts and for HTTP.
#ifndef PROTO_MESSAGE_JSON_H_
#define PROTO_MESSAGE_JSON_H_

#include "google/protobuf/message.h"
#include "nlohmann/json.hpp"

namespace esockets::proto {

// Every field under its name, in the order of the .proto, defaults included; numbers as numbers;
// bytes as a string, or under NAME_base64 when they are not UTF-8; maps as objects. An optional
// number that is absent is left out.
nlohmann::ordered_json ToJson(const google::protobuf::Message& message);

}  // namespace esockets::proto

#endif  // PROTO_MESSAGE_JSON_H_
