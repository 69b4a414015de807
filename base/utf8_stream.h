// UTF-8 that comes in pieces: a mistake is found with the byte that makes it one.
#ifndef BASE_UTF8_STREAM_H_
#define BASE_UTF8_STREAM_H_

#include <cstdint>
#include <string_view>

namespace esockets::base {

class Utf8Stream {
 public:
  // Takes the next piece. False: with it, the text is no beginning of any valid text.
  bool Put(std::string_view piece);

  // Does the text end with a whole character?
  bool complete() const { return missing_ == 0; }

 private:
  bool PutByte(uint8_t byte);

  uint8_t missing_ = 0;  // bytes of the last character
  // Which the next one of them may be: narrower than 0x80 to 0xBF after some first bytes.
  uint8_t low_ = 0x80;
  uint8_t high_ = 0xBF;
};

}  // namespace esockets::base

#endif  // BASE_UTF8_STREAM_H_
