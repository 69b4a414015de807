// An address that is understood is written so that it is understood again, as the same.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string>
#include <string_view>

#include "server/socket_address.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using esockets::server::SocketAddress;
  const auto address = SocketAddress::Parse({reinterpret_cast<const char*>(data), size});
  if (!address.ok()) return 0;
  const std::string text = address->ToString();
  const auto again = SocketAddress::Parse(text);
  if (!again.ok() || again->ToString() != text || again->port() != address->port() ||
      again->IsLoopback() != address->IsLoopback()) {
    std::cerr << text << " is not understood as itself\n";
    std::abort();
  }
  sockaddr_storage kernel;
  address->ToKernel(&kernel);
  return 0;
}
