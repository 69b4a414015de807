// TLS of one connection, without its socket: bytes of the wire on one side, bytes in the clear on
// the other. OpenSSL reads what is given to it and writes to a buffer, by a BIO of ours.
#ifndef SERVER_TLS_SESSION_H_
#define SERVER_TLS_SESSION_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "server/tls/openssl.h"

namespace esockets::tls {

// Thread: one at a time.
class Session {
 public:
  enum class Outcome : uint8_t {
    kMore,    // it goes on with more input
    kDone,    // the handshake is complete; the peer has said its last word
    kFailed,  // mistake() tells why; an alert may be in the output
  };

  // `ssl` accepts or connects, as it was made.
  explicit Session(SslPtr ssl);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  // Takes what it needs from the front of `input`; what is to be sent is appended to `output`.
  // REQUIRES: it was not done, and has not failed.
  Outcome Handshake(std::string_view* input, std::string* output);

  // Takes all of `input`. Writes at most as many bytes to `plain` as came in and were left of a
  // record, so `plain` holds input.size() + kRecordBytesMax. kDone: no more will come.
  Outcome Decrypt(std::string_view input, std::span<char> plain, size_t* plain_bytes,
                  std::string* output);

  // In records of at most kRecordBytesMax.
  bool Encrypt(std::string_view plain, std::string* output);

  // Says the last word, close_notify (RFC 8446, section 6.1).
  void Close(std::string* output);

  // For people.
  const std::string& mistake() const { return mistake_; }
  SSL* ssl() const { return ssl_.get(); }

 private:
  static const BIO_METHOD* Method();
  static int Read(BIO* bio, char* out, size_t size, size_t* read_bytes);
  static int Write(BIO* bio, const char* data, size_t size, size_t* written_bytes);
  // NOLINTNEXTLINE(google-runtime-int): the type is OpenSSL's.
  static long Control(BIO* bio, int command, long number, void* pointer);

  // During a call.
  struct Wire {
    std::string_view input;
    std::string* output = nullptr;
  };
  Outcome Judge(int result);
  std::string Reason();

  SslPtr ssl_;
  Wire wire_;
  std::string mistake_;
};

}  // namespace esockets::tls

#endif  // SERVER_TLS_SESSION_H_
