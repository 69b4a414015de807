#include "tests/soak/metrics_page.h"

#include <sys/socket.h>
#include <sys/time.h>

#include <array>
#include <cstdlib>

#include "base/strings.h"
#include "server/unique_fd.h"

namespace esockets::soak {
namespace {

constexpr std::string_view kPrefix = "esockets_";

absl::Status Unavailable(std::string_view why) {
  return base::Error(absl::StatusCode::kUnavailable, "/metrics: ", why);
}

server::UniqueFd Connected(const server::SocketAddress& address) {
  sockaddr_storage to = {};
  const socklen_t size = address.ToKernel(&to);
  server::UniqueFd fd(::socket(to.ss_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const timeval patience = {.tv_sec = 30, .tv_usec = 0};
  ::setsockopt(fd.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (::connect(fd.get(), reinterpret_cast<const sockaddr*>(&to), size) != 0) fd.Reset();
  return fd;
}

std::string ReadAll(int fd) {
  std::string text;
  std::array<char, 65536> buffer;
  for (ssize_t got = 0; (got = ::recv(fd, buffer.data(), buffer.size(), 0)) > 0;) {
    text.append(buffer.data(), static_cast<size_t>(got));
  }
  return text;
}

}  // namespace

Figures ParseMetrics(std::string_view page) {
  Figures figures;
  while (!page.empty()) {
    const size_t end = page.find('\n');
    const std::string_view line = page.substr(0, end);
    page.remove_prefix(end == std::string_view::npos ? page.size() : end + 1);
    const size_t name_end = line.find_first_of("{ ");
    if (!line.starts_with(kPrefix) || name_end == std::string_view::npos) continue;
    const std::string_view name = line.substr(kPrefix.size(), name_end - kPrefix.size());
    const std::string value(line.substr(line.rfind(' ') + 1));
    figures[std::string(name)] += std::strtod(value.c_str(), nullptr);
  }
  return figures;
}

absl::StatusOr<Figures> ReadMetrics(const server::SocketAddress& administration,
                                    std::string_view token) {
  const server::UniqueFd fd = Connected(administration);
  if (!fd) return Unavailable("no connection");
  const std::string request =
      base::StrCat("GET /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n",
                   "Authorization: Bearer ", token, "\r\n\r\n");
  if (::send(fd.get(), request.data(), request.size(), MSG_NOSIGNAL) < 0) {
    return Unavailable("nothing can be sent");
  }
  const std::string answer = ReadAll(fd.get());
  if (!answer.starts_with("HTTP/1.1 200")) {
    return Unavailable(std::string_view(answer).substr(0, answer.find('\r')));
  }
  return ParseMetrics(answer);
}

}  // namespace esockets::soak
