// What is encrypted and not with the kernel yet. In most flushes that is nothing: the kernel takes
// what was just encrypted, and no memory of the connection's own is needed.
#ifndef SERVER_TLS_CIPHERTEXT_QUEUE_H_
#define SERVER_TLS_CIPHERTEXT_QUEUE_H_

#include <sys/types.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "server/socket_api.h"

namespace esockets::tls {

// Thread: the loop.
class CiphertextQueue {
 public:
  bool empty() const { return waiting_.size() == sent_; }
  size_t bytes() const { return waiting_.size() - sent_; }

  // Behind what waits.
  void Append(std::string_view ciphertext);

  // Offers what waits, or `ciphertext` if nothing does; keeps what the kernel does not take.
  // Returns 0, or minus errno when the connection is broken. REQUIRES: nothing waits, or
  // `ciphertext` is empty. `taken_bytes` grows by what the kernel took.
  int Send(std::string_view ciphertext, int fd, server::SocketApi& api, size_t* taken_bytes);

 private:
  std::string waiting_;
  size_t sent_ = 0;  // of it
};

}  // namespace esockets::tls

#endif  // SERVER_TLS_CIPHERTEXT_QUEUE_H_
