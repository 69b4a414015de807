// A blocking socket for tests: every wait has a deadline, after which the test fails.
#ifndef TESTS_SUPPORT_TEST_CLIENT_H_
#define TESTS_SUPPORT_TEST_CLIENT_H_

#include <poll.h>

#include <string>
#include <string_view>

#include "server/socket_address.h"
#include "server/unique_fd.h"

namespace esockets::tests {

class TestClient {
 public:
  TestClient() = default;
  // Connected; `receive_buffer_bytes`: SO_RCVBUF, 0: the kernel's choice.
  explicit TestClient(const server::SocketAddress& address, int receive_buffer_bytes = 0);
  // A socket of the test's own, non-blocking.
  explicit TestClient(server::UniqueFd fd) : fd_(std::move(fd)) {}

  // Sends all of it. False: broken, or the deadline has passed.
  bool Send(std::string_view bytes);
  // Exactly so many bytes; fewer when the stream ends, breaks, or the deadline passes.
  std::string Receive(size_t bytes);
  // Everything until the peer's end of stream.
  std::string ReceiveAll();
  // The last ReceiveAll or Receive met the orderly end of the stream.
  bool ended() const { return ended_; }
  // ... or this error instead.
  int error_number() const { return error_number_; }
  // Something to read, or the end, has come.
  bool WaitReadable();
  bool WaitWritable();

  void ShutDown();  // our end of stream
  void Close() { fd_.Reset(); }
  void Reset();  // closes with RST
  int fd() const { return fd_.get(); }

 private:
  bool Wait(decltype(pollfd::events) events);

  server::UniqueFd fd_;
  bool ended_ = false;
  int error_number_ = 0;
};

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_TEST_CLIENT_H_
