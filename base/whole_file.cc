#include "base/whole_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <system_error>

#include "base/strings.h"

namespace esockets::base {
namespace {

absl::Status Broken(std::string_view path, int error_number) {
  return Error(absl::StatusCode::kUnavailable, path, ": ",
               std::generic_category().message(error_number));
}

// Everything of it, and on the disk.
bool WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t taken = ::write(fd, text.data(), text.size());
    if (taken < 0 && errno != EINTR) return false;
    if (taken > 0) text.remove_prefix(static_cast<size_t>(taken));
  }
  return ::fsync(fd) == 0;
}

// As of the file whose place it takes. Not everybody may give a file away: then it stays ours.
bool KeepRights(int fd, const std::string& path) {
  struct stat before {};
  if (::stat(path.c_str(), &before) != 0) return errno == ENOENT;
  if (::fchown(fd, before.st_uid, before.st_gid) != 0 && errno != EPERM) return false;
  return ::fchmod(fd, before.st_mode & 07777) == 0;
}

// Written beside its place, for this user alone, and then put there by `put(beside)`, as rename
// says: whoever reads meanwhile reads all of it or nothing.
template <typename Put>
absl::Status WriteBeside(const std::string& place, std::string_view text, Put put) {
  std::string beside = place + ".XXXXXX";
  const int fd = ::mkstemp(beside.data());
  if (fd < 0) return Broken(place, errno);
  const bool is_there = WriteAll(fd, text) && put(fd, beside.c_str()) == 0;
  const int error_number = errno;
  ::close(fd);
  if (is_there) return absl::OkStatus();
  ::unlink(beside.c_str());
  return Broken(place, error_number);
}

}  // namespace

absl::StatusOr<std::string> ReadWholeFile(const std::string& path, size_t bytes_max) {
  std::error_code error;
  const auto type = std::filesystem::status(path, error).type();
  if (type == std::filesystem::file_type::not_found) {
    return absl::NotFoundError("there is no such file");
  }
  if (type == std::filesystem::file_type::directory) {
    return absl::InvalidArgumentError("this is a folder");
  }
  std::ifstream file(path, std::ios::binary);
  std::string text;
  std::array<char, 4096> piece;
  while (file && text.size() <= bytes_max) {
    file.read(piece.data(), piece.size());
    text.append(piece.data(), static_cast<size_t>(file.gcount()));
  }
  if (text.size() > bytes_max) return absl::InvalidArgumentError("is too large");
  if (!file.eof()) return absl::InvalidArgumentError("cannot be read; check its rights");
  return text;
}

absl::Status ReplaceFile(const std::string& path, std::string_view text) {
  // Where a link leads to: the link stays one.
  std::error_code error;
  std::string place = std::filesystem::weakly_canonical(path, error).string();
  if (error) place = path;
  return WriteBeside(place, text, [&place](int fd, const char* beside) {
    return KeepRights(fd, place) ? ::rename(beside, place.c_str()) : -1;
  });
}

absl::Status MakeFile(const std::string& path, std::string_view text) {
  return WriteBeside(path, text, [&path](int, const char* beside) {
    // Unlike rename, it does not replace what is there by now.
    if (::link(beside, path.c_str()) != 0 && errno != EEXIST) return -1;
    return ::unlink(beside);
  });
}

}  // namespace esockets::base
