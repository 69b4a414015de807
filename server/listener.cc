#include "server/listener.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "base/strings.h"
#include "server/socket_api.h"

namespace esockets::server {
namespace {

UniqueFd OpenSpare() { return UniqueFd(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

}  // namespace

Listener::Listener(EventLoop* loop, UniqueFd fd, SocketAddress address, Callbacks callbacks)
    : loop_(*loop),
      address_(std::move(address)),
      callbacks_(std::move(callbacks)),
      fd_(std::move(fd)),
      spare_(OpenSpare()) {}

Listener::~Listener() { Close(); }

void Listener::Close() {
  if (!fd_) return;
  fd_.Reset();
  if (address_.family() == SocketAddress::Family::kUnix) ::unlink(address_.path().c_str());
}

void Listener::Start() {
  if (loop_.Watch(fd_.get(), EPOLLIN, this)) return;
  if (MayWarn()) {
    callbacks_.on_warning(base::StrCat("cannot watch the listener on ", address_.ToString()));
  }
  Pause(kAcceptPause);
}

void Listener::Stop() {
  if (!fd_) return;
  loop_.Cancel(pause_);
  loop_.Unwatch(fd_.get());
  Close();
}

void Listener::OnEvents(uint32_t) {
  // Those that remain are reported again in the next turn.
  const Admission::Room room = callbacks_.room();
  if (room.connections == 0) return Pause(room.pause);
  for (int i = 0; fd_ && i < std::min(room.connections, kAcceptsPerTurnMax); ++i) {
    if (!AcceptOne()) return;
  }
}

// Returns false when there is nothing more to accept now.
bool Listener::AcceptOne() {
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  const int accepted =
      loop_.socket_api().Accept(fd_.get(), reinterpret_cast<sockaddr*>(&peer), &size);
  if (accepted == -ECONNABORTED || accepted == -EPROTO) return true;  // gone while it waited
  if (accepted == -EAGAIN || accepted == -EWOULDBLOCK) return false;
  if (accepted < 0) {
    Warn(-accepted);
    if ((accepted == -EMFILE || accepted == -ENFILE) && AcceptToRefuse()) return true;
    Pause(kAcceptPause);
    return false;
  }
  UniqueFd fd(accepted);
  SocketAddress address = SocketAddress::FromKernel(peer);
  if (const std::optional<std::string> why = callbacks_.why_refuse(address)) {
    Refuse(std::move(fd), *why);
  } else {
    callbacks_.on_accept(std::move(fd), std::move(address));
  }
  return true;
}

bool Listener::MayWarn() {
  if (loop_.TurnTime() < warned_until_) return false;
  warned_until_ = loop_.TurnTime() + kAcceptWarningInterval;
  return true;
}

void Listener::Warn(int error) {
  if (!MayWarn()) return;
  const bool descriptors = error == EMFILE || error == ENFILE;
  callbacks_.on_warning(base::StrCat(
      "cannot accept connections on ", address_.ToString(), ": ",
      std::string_view(std::strerror(error)),
      descriptors ? std::string_view("; raise the limit of open files (ulimit -n)") : ""));
}

// A waiting connection that nobody takes would be reported in every turn. The spare descriptor is
// used to take and refuse it, so that its client learns at once that there is no place.
bool Listener::AcceptToRefuse() {
  if (!spare_) return false;
  spare_.Reset();
  UniqueFd refused(loop_.socket_api().Accept(fd_.get(), nullptr, nullptr));
  const bool found = static_cast<bool>(refused);
  if (found) Refuse(std::move(refused), "out of descriptors");
  spare_ = OpenSpare();
  return found && spare_;
}

void Listener::Refuse(UniqueFd fd, std::string_view why) {
  const std::string farewell = callbacks_.on_refuse(why);
  SocketApi& api = loop_.socket_api();
  if (!farewell.empty()) api.Send(fd.get(), farewell.data(), farewell.size());
  // Closing with unread input would reset the connection, and might take the farewell with it.
  ::shutdown(fd.get(), SHUT_WR);
  char unread[kRefusedInputBytesMax];
  api.Recv(fd.get(), unread, sizeof unread);
}

// Also when the kernel had no room to watch it: it is tried again, or nobody would come in any
// more.
void Listener::Pause(base::Duration duration) {
  loop_.Unwatch(fd_.get());
  pause_ = loop_.RunAt(loop_.TurnTime() + duration, [this] {
    loop_.AssertOnLoop();
    if (!spare_) spare_ = OpenSpare();
    Start();
  });
}

}  // namespace esockets::server
