#include "server/tls/ciphertext_queue.h"

#include <cerrno>
#include <utility>

#include "base/check.h"

namespace esockets::tls {

// Who reads a little now and then must not make it grow.
void CiphertextQueue::Append(std::string_view ciphertext) {
  waiting_.erase(0, std::exchange(sent_, 0));
  waiting_ += ciphertext;
}

int CiphertextQueue::Send(std::string_view ciphertext, int fd, server::SocketApi& api,
                          size_t* taken_bytes) {
  ESOCKETS_CHECK(empty() || ciphertext.empty());
  const bool is_new = empty();
  const std::string_view offered = is_new ? ciphertext : std::string_view(waiting_).substr(sent_);
  if (offered.empty()) return 0;
  ssize_t taken = api.Send(fd, offered.data(), offered.size());
  if (taken == -EAGAIN || taken == -EWOULDBLOCK) taken = 0;
  if (taken < 0) return static_cast<int>(taken);
  *taken_bytes += static_cast<size_t>(taken);
  if (is_new) {
    waiting_.assign(offered.substr(static_cast<size_t>(taken)));
  } else {
    sent_ += static_cast<size_t>(taken);
  }
  if (empty()) {
    std::string().swap(waiting_);  // an assignment would keep its memory
    sent_ = 0;
  }
  return 0;
}

}  // namespace esockets::tls
