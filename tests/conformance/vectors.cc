#include "tests/conformance/vectors.h"

#include <cstddef>
#include <fstream>

#include "google/protobuf/util/json_util.h"
#include "gtest/gtest.h"

namespace esockets::conformance {

std::vector<Vector> LoadVectors(const std::string& file) {
  std::ifstream in("tests/conformance/vectors/" + file);
  EXPECT_TRUE(in) << file;
  std::vector<Vector> vectors;
  for (std::string line; std::getline(in, line);) {
    const auto status = google::protobuf::util::JsonStringToMessage(line, &vectors.emplace_back());
    EXPECT_TRUE(status.ok()) << file << ":" << vectors.size() << ": " << status.ToString();
  }
  EXPECT_GE(vectors.size(), 5u) << file;
  return vectors;
}

std::string BytesOf(const Vector& vector) {
  std::string bytes;
  for (size_t i = 0; i < vector.hex().size(); i += 3) {
    bytes += static_cast<char>(std::stoi(vector.hex().substr(i, 2), nullptr, 16));
  }
  return bytes;
}

}  // namespace esockets::conformance
