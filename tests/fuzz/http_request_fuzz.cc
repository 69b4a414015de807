// A request is read the same however its bytes are cut, within its limits, and what is taken is
// what was there.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateways/http/origin.h"
#include "gateways/http/query.h"
#include "server/http/request_parser.h"
#include "tests/fuzz/expect.h"

namespace {

using esockets::http::Limits;
using esockets::http::Request;
using esockets::http::RequestParser;
using esockets::tests::Expect;
using State = RequestParser::State;

constexpr size_t kRequestsMax = 64;

struct Outcome {
  std::vector<Request> requests;
  bool refused = false;
  bool operator==(const Outcome& other) const {
    const auto same = [](const Request& a, const Request& b) {
      return a.method == b.method && a.target == b.target && a.fields == b.fields &&
             a.body == b.body && a.keep_alive == b.keep_alive;
    };
    return refused == other.refused && std::ranges::equal(requests, other.requests, same);
  }
};

Limits SmallLimits() {
  Limits limits;
  limits.head_bytes_max = 512;
  limits.body_bytes_max = 256;
  return limits;
}

void Check(const Request& request, const Limits& limits) {
  Expect(request.body.size() <= limits.body_bytes_max, "a body over its limit");
  Expect(request.Count("host") <= 1, "two hosts");
  Expect(request.Find("content-length") == nullptr || request.Find("transfer-encoding") == nullptr,
         "two lengths");
  for (const auto& [name, value] : request.fields) {
    Expect(!name.empty(), "a field without a name");
    Expect(value.find_first_of("\r\n") == std::string::npos, "a field of two lines");
  }
  static_cast<void>(esockets::http::ParseTarget(request.target));
  static_cast<void>(esockets::http::ForeignOrigin(request, {}));
}

// Whole buffers of their own: what is read behind their end is found.
Outcome Read(std::string_view bytes, size_t piece, const Limits& limits) {
  Outcome outcome;
  RequestParser parser(&limits);
  std::vector<char> waiting;
  for (size_t at = 0; at < bytes.size(); at += piece) {
    const std::string_view more = bytes.substr(at, piece);
    waiting.insert(waiting.end(), more.begin(), more.end());
    while (!waiting.empty()) {
      waiting.shrink_to_fit();
      const size_t used = parser.Parse({waiting.data(), waiting.size()});
      Expect(used <= waiting.size(), "more is taken than there was");
      if (parser.state() == State::kRefused) {
        outcome.refused = true;
        return outcome;
      }
      waiting.erase(waiting.begin(), waiting.begin() + static_cast<std::ptrdiff_t>(used));
      if (parser.state() != State::kDone) break;
      outcome.requests.push_back(parser.Take());
      Check(outcome.requests.back(), limits);
      if (outcome.requests.size() == kRequestsMax) return outcome;
    }
    Expect(waiting.size() <= limits.head_bytes_max + piece, "more is kept than there may be");
  }
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const Limits limits = SmallLimits();
  const Outcome slow = Read(bytes, 1, limits);
  for (const size_t piece : {size_t{3}, size_t{64}, std::max<size_t>(size, 1)}) {
    const Outcome outcome = Read(bytes, piece, limits);
    Expect(outcome == slow, "what is read depends on how it is cut");
  }
  return 0;
}
