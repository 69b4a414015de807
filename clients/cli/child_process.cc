#include "clients/cli/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "base/strings.h"

namespace esockets::cli {
namespace {

// Between a request to end and the end of those who do not listen.
constexpr int kPatienceMillis = 1000;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { Close(); }

  int get() const { return fd_; }
  void Close() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }

 private:
  int fd_;
};

absl::Status SystemError(std::string_view what, int error) {
  return base::Error(absl::StatusCode::kInvalidArgument, what, ": ", std::strerror(error));
}

// A file without a name: unlike a pipe it takes all at once, whether the command reads it or not.
int FileOf(std::string_view content) {
  const int fd = ::memfd_create("request", MFD_CLOEXEC);
  while (fd >= 0 && !content.empty()) {
    const ssize_t written = ::write(fd, content.data(), content.size());
    if (written <= 0) {
      ::close(fd);
      return -1;
    }
    content.remove_prefix(static_cast<size_t>(written));
  }
  if (fd >= 0) ::lseek(fd, 0, SEEK_SET);
  return fd;
}

// Pointers into `texts`, as execve wants them.
std::vector<char*> Pointers(std::vector<std::string>* texts) {
  std::vector<char*> pointers;
  for (std::string& text : *texts) pointers.push_back(text.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> EnvironmentWith(std::string_view topic) {
  std::vector<std::string> all;
  for (char** one = environ; *one != nullptr; ++one) {
    if (!std::string_view(*one).starts_with("TOPIC=")) all.emplace_back(*one);
  }
  all.push_back(base::StrCat("TOPIC=", topic));
  return all;
}

// In a process group of its own, and with the signals that we block or ignore. 0, or the error.
int Spawn(std::vector<std::string> command, std::string_view topic, int in, int out, pid_t* pid) {
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  ::posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  sigset_t none, defaults;
  sigemptyset(&none);
  sigemptyset(&defaults);
  sigaddset(&defaults, SIGPIPE);
  ::posix_spawnattr_setsigmask(&attributes, &none);
  ::posix_spawnattr_setsigdefault(&attributes, &defaults);
  ::posix_spawnattr_setpgroup(&attributes, 0);
  ::posix_spawnattr_setflags(
      &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  std::vector<std::string> environment = EnvironmentWith(topic);
  const int error = ::posix_spawnp(pid, command[0].c_str(), &actions, &attributes,
                                   Pointers(&command).data(), Pointers(&environment).data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  return error;
}

// False: a signal came.
bool ReadAll(int fd, Interrupt* interrupt, std::string* all) {
  std::array<char, 1 << 16> buffer;
  while (interrupt->AwaitReadable(fd)) {
    const ssize_t bytes = ::read(fd, buffer.data(), buffer.size());
    if (bytes > 0) {
      all->append(buffer.data(), static_cast<size_t>(bytes));
    } else if (bytes == 0 || errno != EINTR) {
      return true;
    }
  }
  return false;
}

// Whether those whose output this is have closed it in time.
bool AwaitEnd(int output) {
  std::array<char, 1 << 12> ignored;
  pollfd event{output, POLLIN, 0};
  while (::poll(&event, 1, kPatienceMillis) > 0) {
    if (::read(output, ignored.data(), ignored.size()) <= 0) return true;
  }
  return false;
}

std::string FailureIn(int status) {
  if (WIFSIGNALED(status)) return base::StrCat("signal ", WTERMSIG(status));
  return WEXITSTATUS(status) == 0 ? "" : base::StrCat("exit code ", WEXITSTATUS(status));
}

}  // namespace

absl::StatusOr<Outcome> RunCommand(const std::vector<std::string>& command, std::string_view topic,
                                   std::string_view input, Interrupt* interrupt) {
  const Descriptor in(FileOf(input));
  int pipe[2] = {-1, -1};
  if (in.get() < 0 || ::pipe2(pipe, O_CLOEXEC) != 0) return SystemError(command[0], errno);
  const Descriptor output(pipe[0]);
  Descriptor its_output(pipe[1]);
  pid_t pid = 0;
  if (const int error = Spawn(command, topic, in.get(), its_output.get(), &pid); error != 0) {
    return SystemError(command[0], error);
  }
  its_output.Close();
  Outcome outcome;
  const bool ended = ReadAll(output.get(), interrupt, &outcome.output);
  if (!ended) {
    ::kill(-pid, SIGTERM);
    if (!AwaitEnd(output.get())) ::kill(-pid, SIGKILL);
  }
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!ended) return absl::CancelledError("interrupted");
  outcome.failure = FailureIn(status);
  return outcome;
}

}  // namespace esockets::cli
