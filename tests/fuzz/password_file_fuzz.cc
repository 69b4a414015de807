// A password file is taken whole or not at all; what is taken is written as it was read, and what
// is refused has its line named and none of it told.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/password_file.h"
#include "base/strings.h"
#include "tests/fuzz/expect.h"

using esockets::base::PasswordFile;
using esockets::tests::Expect;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto file = PasswordFile::Parse(text, "f");
  if (!file.ok()) {
    const std::string_view why = esockets::base::Message(file.status());
    Expect(why.starts_with("f:"), "no line is named");
    Expect(why.size() < 100, "more than words is told");
    return 0;
  }
  Expect(file->ToText() == text, "it is written otherwise");
  for (const auto& entry : file->Entries()) {
    Expect(!entry.user.empty() && entry.user.find(':') == std::string::npos, "no name");
    PasswordFile without = *file;
    Expect(without.Remove(entry.user) && !without.Remove(entry.user), "not there once");
    Expect(PasswordFile::Parse(without.ToText(), "f").ok(), "a part of it is none");
  }
  return 0;
}
