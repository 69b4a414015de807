// The system calls on the way of a message, behind one interface: a test puts short sends, EAGAIN
// and counting in their place.
#ifndef SERVER_SOCKET_API_H_
#define SERVER_SOCKET_API_H_

#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>

namespace esockets::server {

// Results are those of the call, or minus errno: errno itself is never looked at above this class.
// Thread: any.
class SocketApi {
 public:
  virtual ~SocketApi() = default;

  virtual ssize_t Recv(int fd, void* buffer, size_t size);
  virtual ssize_t Send(int fd, const void* data, size_t size);
  virtual ssize_t SendVector(int fd, iovec* spans, size_t count);
  virtual int Accept(int fd, sockaddr* address, socklen_t* address_size);

  // The kernel's.
  static SocketApi& System();
};

}  // namespace esockets::server

#endif  // SERVER_SOCKET_API_H_
