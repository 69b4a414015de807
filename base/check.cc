#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace esockets::base {

void CheckFailed(const char* file, int line, const char* condition) {
  std::fprintf(stderr, "%s:%d: this cannot happen: %s is false\n", file, line, condition);
  std::abort();
}

}  // namespace esockets::base
