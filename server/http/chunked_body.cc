#include "server/http/chunked_body.h"

#include <algorithm>
#include <optional>

namespace esockets::http {
namespace {

// Of a chunk's size: 4 GiB, and no endless row of zeros.
constexpr int kSizeDigitsMax = 8;

std::optional<size_t> HexDigit(char c) {
  if (c >= '0' && c <= '9') return static_cast<size_t>(c - '0');
  if (c >= 'a' && c <= 'f') return static_cast<size_t>(c - 'a' + 10);
  if (c >= 'A' && c <= 'F') return static_cast<size_t>(c - 'A' + 10);
  return std::nullopt;
}

}  // namespace

size_t ChunkedBody::Parse(std::string_view bytes, std::string* body) {
  size_t used = 0;
  while (used < bytes.size() && state_ == State::kUnfinished) {
    if (step_ != Step::kData) {
      TakeOne(bytes[used++], body->size());
      continue;
    }
    const std::string_view data = bytes.substr(used, size_);
    *body += data;
    used += data.size();
    size_ -= data.size();
    if (size_ == 0) step_ = Step::kDataCr;
  }
  return used;
}

void ChunkedBody::TakeOne(char c, size_t body_bytes) {
  switch (step_) {
    case Step::kSize:
      return TakeSizeDigit(c);
    case Step::kSizeEnd:
      Expect(c, '\n', size_ == 0 ? Step::kLastCr : Step::kData);
      if (size_ > bytes_max_ - body_bytes) state_ = State::kTooLarge;
      return;
    case Step::kData:
      return;
    case Step::kDataCr:
      return Expect(c, '\r', Step::kDataLf);
    case Step::kDataLf:
      digits_ = 0;
      return Expect(c, '\n', Step::kSize);
    case Step::kLastCr:
      return Expect(c, '\r', Step::kLastLf);
    case Step::kLastLf:
      state_ = c == '\n' ? State::kDone : State::kMalformed;
      return;
  }
}

void ChunkedBody::TakeSizeDigit(char c) {
  if (c == '\r' && digits_ > 0) {
    step_ = Step::kSizeEnd;
  } else if (const auto digit = HexDigit(c); digit && ++digits_ <= kSizeDigitsMax) {
    size_ = size_ * 16 + *digit;
  } else {
    state_ = State::kMalformed;
  }
}

void ChunkedBody::Expect(char c, char expected, Step next) {
  step_ = next;
  if (c != expected) state_ = State::kMalformed;
}

}  // namespace esockets::http
