#include "tests/soak/broker_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <utility>

#include "base/check.h"
#include "base/strings.h"

namespace esockets::soak {
namespace {

constexpr size_t kTailLines = 40;
constexpr size_t kComplaintsMax = 200;

// Memory that is free goes back to the system at once, so that what is still there is in use.
constexpr const char* kAllocator =
    "MALLOC_CONF=background_thread:true,dirty_decay_ms:200,muzzy_decay_ms:200";

struct Pipe {
  server::UniqueFd reader;
  server::UniqueFd writer;
};

Pipe NewPipe() {
  std::array<int, 2> ends{};
  ESOCKETS_CHECK(::pipe2(ends.data(), O_CLOEXEC) == 0);
  return {server::UniqueFd(ends[0]), server::UniqueFd(ends[1])};
}

std::vector<char*> Pointers(std::vector<std::string>* words) {
  std::vector<char*> pointers;
  for (std::string& word : *words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

std::vector<std::string> Environment() {
  std::vector<std::string> variables{kAllocator};
  for (char** variable = environ; *variable != nullptr; ++variable)
    variables.emplace_back(*variable);
  return variables;
}

// Calls on_line with each line until the end, or until it returns true.
template <typename OnLine>
void ReadLines(int fd, OnLine on_line) {
  std::string bytes;
  std::array<char, 16384> buffer;
  for (;;) {
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) break;
    bytes.append(buffer.data(), static_cast<size_t>(got));
    for (size_t end = 0; (end = bytes.find('\n')) != std::string::npos; bytes.erase(0, end + 1)) {
      if (on_line(bytes.substr(0, end))) return;
    }
  }
  if (!bytes.empty()) on_line(bytes);
}

int ExitCodeOf(int status) {
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

}  // namespace

bool IsComplaint(std::string_view line) {
  for (const std::string_view word :
       {"CHECK", "Sanitizer", "runtime error", "terminate called", "Assertion", " error   "}) {
    if (line.find(word) != std::string_view::npos) return true;
  }
  return false;
}

BrokerProcess::~BrokerProcess() {
  if (pid_ > 0 && is_running()) {
    Signal(SIGKILL);
    WaitForEnd(60);
  }
  if (reader_.joinable()) reader_.join();
}

absl::Status BrokerProcess::Start(const std::string& program,
                                  const std::vector<std::string>& flags) {
  Pipe output = NewPipe(), log = NewPipe();
  std::vector<std::string> words{program};
  words.insert(words.end(), flags.begin(), flags.end());
  std::vector<std::string> variables = Environment();
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, output.writer.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, log.writer.get(), STDERR_FILENO);
  const int error = ::posix_spawn(&pid_, program.c_str(), &actions, nullptr,
                                  Pointers(&words).data(), Pointers(&variables).data());
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    pid_ = -1;
    return base::Error(absl::StatusCode::kUnavailable, program, ": ",
                       std::generic_category().message(error));
  }
  output_ = std::move(output.reader);
  log_ = std::move(log.reader);
  log.writer.Reset();
  output.writer.Reset();
  reader_ = std::thread([this] { ReadLog(); });
  return ReadBanner();
}

absl::Status BrokerProcess::ReadBanner() {
  bool is_whole = false;
  ReadLines(output_.get(), [&](std::string line) {
    is_whole = line.starts_with("pid ");
    banner_.push_back(std::move(line));
    return is_whole;
  });
  if (is_whole) return absl::OkStatus();
  WaitForEnd(10);
  return base::Error(absl::StatusCode::kUnavailable, "the broker did not start:\n", Tail());
}

void BrokerProcess::ReadLog() {
  ReadLines(log_.get(), [this](std::string line) {
    NoteLine(std::move(line));
    return false;
  });
}

void BrokerProcess::NoteLine(std::string line) {
  const std::lock_guard lock(mutex_);
  if (line.find(" configuration reloaded") != std::string::npos) ++reloads_;
  if (line.find(" configuration not reloaded") != std::string::npos) ++failed_reloads_;
  if (IsComplaint(line) && complaints_.size() < kComplaintsMax) complaints_.push_back(line);
  tail_.push_back(std::move(line));
  if (tail_.size() > kTailLines) tail_.pop_front();
}

// Whoever has the number of one that was waited for is somebody else.
void BrokerProcess::Signal(int number) {
  if (is_running()) ::kill(pid_, number);
}

bool BrokerProcess::is_running() {
  if (exit_code_ || pid_ <= 0) return false;
  int status = 0;
  if (::waitpid(pid_, &status, WNOHANG) != pid_) return true;
  exit_code_ = ExitCodeOf(status);
  return false;
}

std::optional<int> BrokerProcess::WaitForEnd(int seconds) {
  if (is_running()) {
    const server::UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, pid_, 0)));
    pollfd waiting = {.fd = process.get(), .events = POLLIN, .revents = 0};
    ::poll(&waiting, 1, seconds * 1000);
    if (is_running()) return std::nullopt;
  }
  // All that it said.
  if (reader_.joinable()) reader_.join();
  return exit_code_;
}

uint64_t BrokerProcess::Reloads() {
  const std::lock_guard lock(mutex_);
  return reloads_;
}

uint64_t BrokerProcess::FailedReloads() {
  const std::lock_guard lock(mutex_);
  return failed_reloads_;
}

std::vector<std::string> BrokerProcess::Complaints() {
  const std::lock_guard lock(mutex_);
  return complaints_;
}

std::string BrokerProcess::Tail() {
  const std::lock_guard lock(mutex_);
  std::string text;
  for (const std::string& line : tail_) base::StrAppend(&text, line, "\n");
  return text;
}

size_t Descriptors(pid_t pid) {
  std::error_code gone;
  const std::filesystem::directory_iterator files(base::StrCat("/proc/", pid, "/fd"), gone);
  return gone ? 0 : static_cast<size_t>(std::distance(begin(files), end(files)));
}

}  // namespace esockets::soak
