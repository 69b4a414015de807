// A path short enough for a UNIX socket: those of a test's own directory are not.
#ifndef TESTS_SUPPORT_SOCKET_PATH_H_
#define TESTS_SUPPORT_SOCKET_PATH_H_

#include <stdlib.h>
#include <unistd.h>

#include <string>

namespace esockets::tests {

// In a directory of its own, which goes with this object.
class SocketPath {
 public:
  SocketPath() {
    char directory[] = "/tmp/esockets.XXXXXX";
    if (::mkdtemp(directory) != nullptr) directory_ = directory;
  }
  SocketPath(const SocketPath&) = delete;
  SocketPath& operator=(const SocketPath&) = delete;
  ~SocketPath() {
    ::unlink(path().c_str());
    ::rmdir(directory_.c_str());
  }

  std::string path() const { return directory_ + "/socket"; }

 private:
  std::string directory_;
};

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_SOCKET_PATH_H_
