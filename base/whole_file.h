// A file that fits into memory.
#ifndef BASE_WHOLE_FILE_H_
#define BASE_WHOLE_FILE_H_

#include <cstddef>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace esockets::base {

// Reads no further than the limit, whatever the file says of its size. Errors, without its name:
// kNotFound: there is none; kInvalidArgument: it is a folder, is too large, or cannot be read.
absl::StatusOr<std::string> ReadWholeFile(const std::string& path, size_t bytes_max);

// Puts this in its place, at once and on the disk, with the rights of what was there. Errors:
// kUnavailable, with its name and the system's reason; what was there is then as it was.
absl::Status ReplaceFile(const std::string& path, std::string_view text);

// The same if there is none, for this user alone; one that is there stays, and is no error.
absl::Status MakeFile(const std::string& path, std::string_view text);

}  // namespace esockets::base

#endif  // BASE_WHOLE_FILE_H_
