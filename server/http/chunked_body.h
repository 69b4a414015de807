// Puts a body together that comes in chunks (RFC 9112, section 7.1), strictly: chunk extensions, a
// trailer, and anything else that another program could read differently are mistakes.
#ifndef SERVER_HTTP_CHUNKED_BODY_H_
#define SERVER_HTTP_CHUNKED_BODY_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace esockets::http {

class ChunkedBody {
 public:
  enum class State : uint8_t { kUnfinished, kDone, kMalformed, kTooLarge };

  explicit ChunkedBody(size_t bytes_max) : bytes_max_(bytes_max) {}

  // Takes bytes up to the end of the body, or all; returns how many. Adds to `body`.
  // REQUIRES: unfinished.
  size_t Parse(std::string_view bytes, std::string* body);

  State state() const { return state_; }

 private:
  enum class Step : uint8_t { kSize, kSizeEnd, kData, kDataCr, kDataLf, kLastCr, kLastLf };

  void TakeOne(char c, size_t body_bytes);
  void TakeSizeDigit(char c);
  void Expect(char c, char expected, Step next);

  const size_t bytes_max_;
  State state_ = State::kUnfinished;
  Step step_ = Step::kSize;
  int digits_ = 0;
  size_t size_ = 0;  // of the chunk, as far as it is missing
};

}  // namespace esockets::http

#endif  // SERVER_HTTP_CHUNKED_BODY_H_
