#include "server/connector.h"

#include <sys/epoll.h>

#include <cstring>
#include <string_view>
#include <utility>

#include "base/ref_counted.h"
#include "base/strings.h"

namespace esockets::server {

Connector::Connector(Options options) : options_(std::move(options)), loop_(*options_.loop) {}

std::shared_ptr<Connector> Connector::Start(Options options, Done done) {
  auto connector = std::make_shared<Connector>(std::move(options));
  connector->Begin(std::move(done));
  return connector;
}

void Connector::Begin(Done done) {
  loop_.AssertOnLoop();
  done_ = std::move(done);
  timer_ = loop_.RunAt(loop_.TurnTime() + options_.timeout, [self = shared_from_this()] {
    self->loop_.AssertOnLoop();
    self->Finish(base::Error(absl::StatusCode::kDeadlineExceeded, "cannot connect to ",
                             self->options_.address.ToString(), ": no answer in time"));
  });
  absl::StatusOr<UniqueFd> fd = StartConnect(options_.address, options_.tuning);
  absl::Status status = fd.status();
  if (fd.ok()) {
    fd_ = *std::move(fd);
    watched_ = loop_.Watch(fd_.get(), EPOLLOUT, this);
    if (watched_) return;
    status = absl::UnavailableError("cannot watch another socket");
  }
  FinishLater(std::move(status));
}

std::shared_ptr<Connector> Connector::Fail(EventLoop* loop, absl::Status why, Done done) {
  auto connector = std::make_shared<Connector>(
      Options{.loop = loop, .address = SocketAddress(), .settings = nullptr});
  connector->done_ = std::move(done);
  connector->FinishLater(std::move(why));
  return connector;
}

void Connector::FinishLater(absl::Status status) {
  loop_.Post([self = shared_from_this(), status = std::move(status)] {
    self->loop_.AssertOnLoop();
    self->Finish(status);
  });
}

void Connector::OnEvents(uint32_t) {
  if (done_ == nullptr) return;
  const int error = ConnectError(fd_.get());
  if (error == 0) return Finish(absl::OkStatus());
  Finish(base::Error(absl::StatusCode::kUnavailable, "cannot connect to ",
                     options_.address.ToString(), ": ", std::string_view(std::strerror(error))));
}

void Connector::Finish(absl::Status status) {
  if (done_ == nullptr) return;
  Done done = std::exchange(done_, nullptr);
  UniqueFd fd;
  Release();
  std::swap(fd, fd_);
  if (!status.ok()) return done(std::move(status));
  done(base::MakeRefCounted<Connection>(Connection::Args{
      &loop_, std::move(fd), options_.connection_id, options_.address, options_.settings}));
}

void Connector::Cancel() {
  if (done_ == nullptr) return;
  done_ = nullptr;
  Release();
  fd_.Reset();
}

// An event of this turn may still be waiting for us: we live until its end.
void Connector::Release() {
  if (std::exchange(watched_, false)) loop_.Unwatch(fd_.get());
  loop_.DeleteLater(shared_from_this());
  loop_.Cancel(timer_);
}

}  // namespace esockets::server
