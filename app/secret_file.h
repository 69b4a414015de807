// Files that only the broker should be able to read.
#ifndef APP_SECRET_FILE_H_
#define APP_SECRET_FILE_H_

#include <sys/stat.h>

#include <string>

#include "app/plan_options.h"
#include "base/strings.h"

namespace esockets::app {

inline void WarnIfOthersMayRead(const std::string& path, Plan* plan) {
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0 || (found.st_mode & S_IROTH) == 0) return;
  plan->warnings.push_back(
      base::StrCat("everybody on this machine may read ", path, ": chmod o= it"));
}

}  // namespace esockets::app

#endif  // APP_SECRET_FILE_H_
