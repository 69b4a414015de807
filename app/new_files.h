// Files that a plan asks for: made when it is carried out, not when it is only checked.
#ifndef APP_NEW_FILES_H_
#define APP_NEW_FILES_H_

#include "absl/status/status.h"
#include "app/plan_options.h"
#include "base/strings.h"
#include "base/whole_file.h"

namespace esockets::app {

// Errors: kUnavailable, with the field, the name and the system's reason.
inline absl::Status MakeNewFiles(const Plan& plan) {
  for (const NewFile& file : plan.new_files) {
    if (absl::Status made = base::MakeFile(file.path, file.text); !made.ok()) {
      return base::Error(made.code(), file.field, ": ", base::Message(made));
    }
  }
  return absl::OkStatus();
}

}  // namespace esockets::app

#endif  // APP_NEW_FILES_H_
