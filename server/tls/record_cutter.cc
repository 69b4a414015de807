#include "server/tls/record_cutter.h"

#include <algorithm>
#include <cstring>

namespace esockets::tls {

std::string_view RecordCutter::Left() const {
  const iovec& piece = pieces_.front();
  return {static_cast<const char*>(piece.iov_base) + offset_, piece.iov_len - offset_};
}

void RecordCutter::Skip(size_t bytes) {
  offset_ += bytes;
  if (offset_ < pieces_.front().iov_len) return;
  pieces_ = pieces_.subspan(1);
  offset_ = 0;
}

bool RecordCutter::done() {
  while (!pieces_.empty() && Left().empty()) Skip(0);
  return pieces_.empty();
}

std::string_view RecordCutter::Next() {
  const std::string_view first = Left();
  if (first.size() >= buffer_.size() || pieces_.size() == 1) {
    const std::string_view record = first.substr(0, buffer_.size());
    Skip(record.size());
    return record;
  }
  size_t bytes = 0;
  while (bytes < buffer_.size() && !done()) {
    const std::string_view piece = Left().substr(0, buffer_.size() - bytes);
    std::memcpy(buffer_.data() + bytes, piece.data(), piece.size());
    bytes += piece.size();
    Skip(piece.size());
  }
  return {buffer_.data(), bytes};
}

}  // namespace esockets::tls
