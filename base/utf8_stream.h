// UTF-8 that comes in pieces: a mistake is found with the byte that makes it one.
#ifndef BASE_UTF8_STREAM_H_
#define BASE_UTF8_STREAM_H_

#include <cstdint>
#include <string_view>

#include "base/utf8.h"

namespace esockets::base {

class Utf8Stream {
 public:
  // Takes the next piece. False: with it, the text is no beginning of any valid text.
  bool Put(std::string_view piece);

  // Does the text end with a whole character?
  bool complete() const { return next_.tail_bytes == 0; }

 private:
  bool PutByte(uint8_t byte);

  Utf8Lead next_;  // what the last character misses
};

}  // namespace esockets::base

#endif  // BASE_UTF8_STREAM_H_
