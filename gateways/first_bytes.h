// Which protocol a connection speaks, by the first bytes that come over it (docs/PROTOCOL.md).
#ifndef GATEWAYS_FIRST_BYTES_H_
#define GATEWAYS_FIRST_BYTES_H_

#include <cstdint>
#include <string_view>

namespace esockets::gateways {

enum class FirstBytes : uint8_t {
  kUndecided,  // more are needed
  kNative,
  kHttp,
  kTls,
  kMqtt,
  kUnknown,
};

// Two bytes decide, at the latest.
FirstBytes WhatSpeaks(std::string_view bytes);

}  // namespace esockets::gateways

#endif  // GATEWAYS_FIRST_BYTES_H_
