// Writes the broker's password_file. Speaks with no broker.
#include <cstdio>
#include <optional>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "base/password_file.h"
#include "base/password_hash.h"
#include "base/strings.h"
#include "clients/cli/commands.h"
#include "clients/cli/exit_code.h"
#include "clients/cli/secret_prompt.h"

namespace esockets::cli {
namespace {

// A password has at least as many: what is shorter is guessed although each guess is dear.
constexpr size_t kPasswordBytesMin = 8;
constexpr size_t kPasswordBytesMax = 1024;

// Asked for twice where somebody types it. Nothing: there is none, and why is told.
std::optional<std::string> AskPassword(Interrupt& interrupt) {
  const auto complain = [](std::string_view why) {
    Complain("passwd", base::Error(absl::StatusCode::kInvalidArgument, why));
    return std::nullopt;
  };
  SecretPrompt prompt(&interrupt);
  std::string password, again;
  if (!prompt.Ask("New password", &password)) return complain("there is no password on stdin");
  if (password.size() < kPasswordBytesMin || password.size() > kPasswordBytesMax) {
    return complain(
        base::StrCat("a password has ", kPasswordBytesMin, " to ", kPasswordBytesMax, " bytes"));
  }
  if (!prompt.is_terminal()) return password;
  if (!prompt.Ask("The same again", &again) || again != password) {
    return complain("the two are not the same; nothing has changed");
  }
  return password;
}

// A file that is not there is one without users.
absl::StatusOr<base::PasswordFile> ReadOrBegin(const std::string& path) {
  auto file = base::PasswordFile::Read(path);
  if (file.status().code() == absl::StatusCode::kNotFound) return base::PasswordFile();
  return file;
}

int Write(const base::PasswordFile& file, const std::string& path, std::string_view done) {
  if (const absl::Status written = file.Write(path); !written.ok()) {
    Complain("passwd", written);
    return kExitUsage;
  }
  std::fputs(base::StrCat("esockets: ", done, "; the broker reads it again on SIGHUP\n").c_str(),
             stderr);
  return kExitOk;
}

}  // namespace

int Run(const GlobalOptions&, const PasswdOptions& options, Interrupt& interrupt) {
  auto file = options.remove ? base::PasswordFile::Read(options.file) : ReadOrBegin(options.file);
  if (!file.ok()) {
    Complain("passwd", file.status());
    return kExitUsage;
  }
  if (options.remove) {
    if (file->Remove(options.user)) {
      return Write(*file, options.file, base::StrCat(options.user, " is removed"));
    }
    Complain("passwd",
             base::Error(absl::StatusCode::kNotFound, options.file, " has no user ", options.user));
    return kExitUsage;
  }
  std::optional<std::string> password = AskPassword(interrupt);
  if (interrupt.interrupted()) return kExitInterrupted;
  if (!password) return kExitUsage;
  const absl::Status set = file->Set(options.user, base::PasswordHash::Of(*password));
  if (!set.ok()) {
    Complain("passwd", set);
    return kExitUsage;
  }
  return Write(*file, options.file, base::StrCat("the password of ", options.user, " is set"));
}

}  // namespace esockets::cli
