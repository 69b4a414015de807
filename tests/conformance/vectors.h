// The vectors that every client library shares, for tests in C++.
#ifndef TESTS_CONFORMANCE_VECTORS_H_
#define TESTS_CONFORMANCE_VECTORS_H_

#include <string>
#include <vector>

#include "tests/conformance/vector.pb.h"

namespace esockets::conformance {

// Of a file of tests/conformance/vectors. Fails the test on a line that vector.proto does not
// describe, and when there are less than five.
std::vector<Vector> LoadVectors(const std::string& file);

// Those of `hex`.
std::string BytesOf(const Vector& vector);

}  // namespace esockets::conformance

#endif  // TESTS_CONFORMANCE_VECTORS_H_
