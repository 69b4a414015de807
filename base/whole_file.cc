#include "base/whole_file.h"

#include <array>
#include <filesystem>
#include <fstream>
#include <system_error>

namespace esockets::base {

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

}  // namespace esockets::base
