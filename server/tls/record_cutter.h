// Cuts pieces of plaintext into records: small ones are put together, so that a hundred messages
// are one record, and large ones are encrypted from where they lie.
#ifndef SERVER_TLS_RECORD_CUTTER_H_
#define SERVER_TLS_RECORD_CUTTER_H_

#include <sys/uio.h>

#include <cstddef>
#include <span>
#include <string_view>

namespace esockets::tls {

class RecordCutter {
 public:
  // `buffer` holds kRecordBytesMax. REQUIRES: both outlive the cutter.
  RecordCutter(std::span<const iovec> pieces, std::span<char> buffer)
      : pieces_(pieces), buffer_(buffer) {}

  bool done();
  // The next, at most buffer.size(); valid until the next call. REQUIRES: not done.
  std::string_view Next();

 private:
  std::string_view Left() const;
  void Skip(size_t bytes);

  std::span<const iovec> pieces_;
  const std::span<char> buffer_;
  size_t offset_ = 0;  // in the first of them
};

}  // namespace esockets::tls

#endif  // SERVER_TLS_RECORD_CUTTER_H_
