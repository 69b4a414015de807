// A file that fits into memory.
#ifndef BASE_WHOLE_FILE_H_
#define BASE_WHOLE_FILE_H_

#include <cstddef>
#include <string>

#include "absl/status/statusor.h"

namespace esockets::base {

// Reads no further than the limit, whatever the file says of its size. Errors, without its name:
// kNotFound: there is none; kInvalidArgument: it is a folder, is too large, or cannot be read.
absl::StatusOr<std::string> ReadWholeFile(const std::string& path, size_t bytes_max);

}  // namespace esockets::base

#endif  // BASE_WHOLE_FILE_H_
