// What somebody may name in place of a file that can be read, and why it cannot.
#ifndef TESTS_SUPPORT_UNREADABLE_FILES_H_
#define TESTS_SUPPORT_UNREADABLE_FILES_H_

#include <sys/socket.h>
#include <sys/un.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "server/unique_fd.h"

namespace esockets::tests {

class UnreadableFiles {
 public:
  struct File {
    std::string path;
    std::string why;
  };

  // In `folder`, which outlives this. `bytes_max`: of what is read.
  UnreadableFiles(const std::string& folder, size_t bytes_max) {
    const std::string large = folder + "/large", socket_path = folder + "/socket";
    std::ofstream(large).put('x');
    std::filesystem::resize_file(large, bytes_max + 1);
    // A socket is a file that not even root may open.
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    socket_path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    all_ = {
        {folder + "/nobody.pem", "there is no such file"},
        {"", "there is no such file"},
        {folder, "this is a folder"},
        {socket_path, "cannot be read; check its rights"},
        {"/proc/self/mem", "cannot be read; check its rights"},  // it opens, and no byte comes
        {large, "is too large"},
        {"/dev/zero", "is too large"},
    };
  }

  const std::vector<File>& all() const { return all_; }

 private:
  const server::UniqueFd socket_{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  std::vector<File> all_;
};

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_UNREADABLE_FILES_H_
