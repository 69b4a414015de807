#include "server/socket_server.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>

#include "gtest/gtest.h"
#include "server/sockets.h"

namespace esockets::server {
namespace {

struct EchoHandler : ServerHandler {
  void OnMessageRecv(const ClientPtr& client, std::string_view message) override {
    client->Send(message);
  }
};

TEST(SocketServer, Echoes) {
  EchoHandler handler;
  SocketServer server({.port = 0}, &handler);
  ASSERT_TRUE(server.Start().ok());
  absl::StatusOr<UniqueFd> fd = StartConnect(server.addresses()[0], {});
  ASSERT_TRUE(fd.ok());
  pollfd poll_fd{fd->get(), POLLOUT, 0};
  ASSERT_EQ(::poll(&poll_fd, 1, 5000), 1);
  ASSERT_EQ(::send(fd->get(), "hello", 5, 0), 5);
  poll_fd.events = POLLIN;
  ASSERT_EQ(::poll(&poll_fd, 1, 5000), 1);
  char buffer[16];
  ASSERT_EQ(::recv(fd->get(), buffer, sizeof buffer, 0), 5);
  EXPECT_EQ(std::string(buffer, 5), "hello");
  server.Stop();
}

}  // namespace
}  // namespace esockets::server
