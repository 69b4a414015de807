// A file of users and what is kept of their passwords, a line each: "ann:$argon2id$v=19$...". Lines
// that are empty or begin with "#" are left as they are.
#ifndef BASE_PASSWORD_FILE_H_
#define BASE_PASSWORD_FILE_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/password_hash.h"

namespace esockets::base {

// Half a million users.
inline constexpr size_t kPasswordFileBytesMax = 64 << 20;
inline constexpr size_t kPasswordFileUserBytesMax = 256;

class PasswordFile {
 public:
  struct Entry {
    std::string user;
    PasswordHash hash;
  };

  // Errors: kInvalidArgument: "NAME:LINE: why", and nothing of the line. A last line without its
  // newline is one: whoever wrote the file was not through.
  static absl::StatusOr<PasswordFile> Parse(std::string_view text, std::string_view name);
  // Errors: as of Parse; kNotFound, "NAME: why": there is no such file; kInvalidArgument: it is too
  // large, or cannot be read.
  static absl::StatusOr<PasswordFile> Read(const std::string& path);

  // All of it or nothing, whatever happens meanwhile: into a file beside it that takes its place.
  // A new file can be read by its owner alone; one that was there keeps owner, group and mode.
  // Errors: kUnavailable: "PATH: why".
  absl::Status Write(const std::string& path) const;

  // Adds the user, or gives it another password. Errors: kInvalidArgument: no name for this file.
  absl::Status Set(std::string_view user, const PasswordHash& hash);
  // False: there is no such user.
  bool Remove(std::string_view user);

  // In the order of the lines.
  std::vector<Entry> Entries() const;
  std::string ToText() const;

 private:
  // Of a line that is none of a user's, `user` is empty and `hash` the line.
  struct Line {
    std::string user;
    std::string hash;
  };

  std::vector<Line> lines_;
};

}  // namespace esockets::base

#endif  // BASE_PASSWORD_FILE_H_
