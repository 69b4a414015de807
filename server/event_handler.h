// Somebody who watches a descriptor of an event loop.
#ifndef SERVER_EVENT_HANDLER_H_
#define SERVER_EVENT_HANDLER_H_

#include <cstdint>

#include "base/on_loop.h"

namespace esockets::server {

class EventHandler {
 public:
  // `events` as of epoll_wait (EPOLLIN, EPOLLOUT, EPOLLERR, EPOLLHUP).
  virtual void OnEvents(uint32_t events) ESOCKETS_ON_LOOP = 0;

 protected:
  ~EventHandler() = default;
};

}  // namespace esockets::server

#endif  // SERVER_EVENT_HANDLER_H_
