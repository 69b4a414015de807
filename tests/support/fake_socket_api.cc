#include "tests/support/fake_socket_api.h"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <utility>
#include <vector>

namespace esockets::tests {

void FakeSocketApi::FailAccepts(int error, int times) {
  accept_error_ = error;
  failing_accepts_ = times;
}

ssize_t FakeSocketApi::Recv(int fd, void* buffer, size_t size) {
  ++recvs_;
  return SocketApi::Recv(fd, buffer, size);
}

ssize_t FakeSocketApi::Admit(int fd, size_t offered) {
  ++sends_;
  {
    const std::lock_guard lock(mutex_);
    ++sends_of_[fd];
  }
  if (!send_script_) return static_cast<ssize_t>(offered);
  const ssize_t admitted = send_script_(offered);
  if (admitted == 0) return -EAGAIN;
  return std::min(admitted, static_cast<ssize_t>(offered));
}

ssize_t FakeSocketApi::Send(int fd, const void* data, size_t size) {
  const ssize_t admitted = Admit(fd, size);
  if (admitted < 0) return admitted;
  if (mode_ == Mode::kForward) return SocketApi::Send(fd, data, static_cast<size_t>(admitted));
  sent_.append(static_cast<const char*>(data), static_cast<size_t>(admitted));
  return admitted;
}

ssize_t FakeSocketApi::SendVector(int fd, iovec* spans, size_t count) {
  size_t offered = 0;
  for (size_t i = 0; i < count; ++i) offered += spans[i].iov_len;
  ++vector_sends_;
  const ssize_t admitted = Admit(fd, offered);
  if (admitted < 0) return admitted;
  auto left = static_cast<size_t>(admitted);
  std::vector<iovec> some(spans, spans + count);  // the caller's stay as they are
  for (iovec& span : some) {
    span.iov_len = std::min(span.iov_len, left);
    left -= span.iov_len;
    if (mode_ == Mode::kCapture) {
      sent_.append(static_cast<const char*>(span.iov_base), span.iov_len);
    }
  }
  return mode_ == Mode::kCapture ? admitted : SocketApi::SendVector(fd, some.data(), count);
}

int FakeSocketApi::Accept(int fd, sockaddr* address, socklen_t* address_size) {
  if (failing_accepts_ > 0) {
    --failing_accepts_;
    return -accept_error_;
  }
  return SocketApi::Accept(fd, address, address_size);
}

uint64_t FakeSocketApi::sends_of(int fd) const {
  const std::lock_guard lock(mutex_);
  const auto found = sends_of_.find(fd);
  return found == sends_of_.end() ? 0 : found->second;
}

FakeSocketApi::SendScript RandomSends(uint64_t seed) {
  return [random = std::make_shared<std::mt19937_64>(seed)](size_t offered) -> ssize_t {
    const uint64_t dice = (*random)();
    if (dice % 4 == 0) return 0;
    if (dice % 4 == 1) return static_cast<ssize_t>(offered);
    return static_cast<ssize_t>(1 + (dice >> 2) % offered);
  };
}

FakeSocketApi::SendScript TornAt(size_t first) {
  return [first, call = std::make_shared<uint64_t>(0)](size_t offered) -> ssize_t {
    if ((*call)++ == 0) return static_cast<ssize_t>(first);
    return *call % 2 == 0 ? 0 : static_cast<ssize_t>(offered);
  };
}

}  // namespace esockets::tests
