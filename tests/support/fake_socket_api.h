// The kernel's socket calls with a script in between: short sends, refusals and errors where a test
// wants them, and a count of each call.
#ifndef TESTS_SUPPORT_FAKE_SOCKET_API_H_
#define TESTS_SUPPORT_FAKE_SOCKET_API_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <random>
#include <string>

#include "server/socket_api.h"

namespace esockets::tests {

// Thread: any.
class FakeSocketApi : public server::SocketApi {
 public:
  // What one send does with the bytes it is offered: how many the kernel gets, 0 for EAGAIN, or
  // minus an error number.
  using SendScript = std::function<ssize_t(size_t offered)>;

  // kForward: to the real socket. kCapture: sent() has the bytes, and no socket is touched.
  enum class Mode { kForward, kCapture };
  explicit FakeSocketApi(Mode mode = Mode::kForward) : mode_(mode) {}

  // REQUIRES: no call is under way. Default: everything is taken.
  void set_send_script(SendScript script) { send_script_ = std::move(script); }
  // Minus an error number that the next `times` calls return; then the kernel's answer again.
  void FailAccepts(int error, int times);

  ssize_t Recv(int fd, void* buffer, size_t size) override;
  ssize_t Send(int fd, const void* data, size_t size) override;
  ssize_t SendVector(int fd, iovec* spans, size_t count) override;
  int Accept(int fd, sockaddr* address, socklen_t* address_size) override;

  const std::string& sent() const { return sent_; }
  uint64_t sends() const { return sends_; }
  uint64_t vector_sends() const { return vector_sends_; }  // of sends()
  uint64_t recvs() const { return recvs_; }
  uint64_t sends_of(int fd) const;

 private:
  // The bytes that may be sent of those offered; or minus EAGAIN or the script's error.
  ssize_t Admit(int fd, size_t offered);

  const Mode mode_;
  SendScript send_script_;
  std::string sent_;
  std::atomic<uint64_t> sends_{0};
  std::atomic<uint64_t> vector_sends_{0};
  std::atomic<uint64_t> recvs_{0};
  std::atomic<int> failing_accepts_{0};
  std::atomic<int> accept_error_{0};
  mutable std::mutex mutex_;
  std::map<int, uint64_t> sends_of_;  // guarded by mutex_
};

// Any number of the bytes offered, and now and then nothing.
FakeSocketApi::SendScript RandomSends(uint64_t seed);

// The first send takes `first`, each second one is refused, the others take everything: with each
// `first` from 0 the stream is torn at another byte.
FakeSocketApi::SendScript TornAt(size_t first);

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_FAKE_SOCKET_API_H_
