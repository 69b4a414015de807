// UTF-8 as RFC 3629 defines it.
#ifndef BASE_UTF8_H_
#define BASE_UTF8_H_

#include <cstddef>
#include <string_view>

namespace esockets::base {

// True for well-formed UTF-8: no overlong form, no surrogate (U+D800..U+DFFF), nothing
// above U+10FFFF, nothing cut short (RFC 3629 section 4). NUL and empty text are valid.
// ASCII is checked eight bytes at a time.
bool IsValidUtf8(std::string_view text);

// At most the first `bytes_max` bytes, less what would cut a character in two.
// REQUIRES: the text is valid.
std::string_view CutUtf8(std::string_view text, size_t bytes_max);

}  // namespace esockets::base

#endif  // BASE_UTF8_H_
