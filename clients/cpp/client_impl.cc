#include "clients/cpp/client_impl.h"

#include <algorithm>
#include <random>
#include <utility>

#include "base/strings.h"
#include "base/topic.h"
#include "base/utf8.h"
#include "clients/cpp/frames.h"
#include "clients/cpp/limits.h"
#include "clients/cpp/subscribe_rules.h"

namespace esockets::client {
namespace {

// For replies of the broker itself, which come to this client whatever stands here: unlike an inbox
// it outlives a connection, so that such a request can wait for the next one. Those of two clients
// must not meet, for a broker that takes it for a topic like any other.
std::string RandomPrefix() {
  std::random_device random;
  return base::StrCat("_INBOX/", absl::Hex(random(), absl::kZeroPad8),
                      absl::Hex(random(), absl::kZeroPad8), "/");
}

bool IsForBroker(std::string_view topic) {
  return topic.starts_with("$SYS/") || topic.starts_with(kPresencePrefix);
}

absl::Status Invalid(std::string_view what, std::string_view why) {
  return base::Error(absl::StatusCode::kInvalidArgument, what, ": ", why);
}

}  // namespace

ClientImpl::ClientImpl(ClientOptions options, ClientEvents events,
                       absl::StatusOr<Endpoint> endpoint)
    : options_(std::move(options)),
      reply_prefix_(RandomPrefix()),
      loop_({}),
      link_(std::make_shared<LoopLink>(&loop_)),
      outgoing_(options_.outgoing_bytes_max, options_.when_full,
                [this] {
                  loop_.Post([this] {
                    loop_.AssertOnLoop();
                    session_.Drain();
                  });
                }),
      transport_(&loop_, endpoint.ok() ? *endpoint : Endpoint(), options_.connect_timeout),
      session_(&loop_, &transport_, &outgoing_, TokensToldOnLoop(link_, options_),
               WithOurs(std::move(events))) {
  const auto started = std::make_shared<Completion<bool>>();
  loop_.Post([this, started, status = endpoint.status()] {
    loop_.AssertOnLoop();
    // Only now do other threads learn from the loop that they are not on it.
    started->Set(true);
    status.ok() ? session_.Start() : session_.End(status);
  });
  thread_ = std::thread([this] { loop_.Run(); });
  started->Wait().IgnoreError();
}

ClientImpl::~ClientImpl() {
  link_->Detach();
  loop_.Post([this] {
    loop_.AssertOnLoop();
    session_.End(absl::OkStatus());
    loop_.Stop();
  });
  thread_.join();
}

ClientEvents ClientImpl::WithOurs(ClientEvents events) {
  events.on_state_change = [this, theirs = std::move(events.on_state_change)](
                               State state, const absl::Status& reason) {
    loop_.AssertOnLoop();
    OnStateChange(state, reason);
    if (state == State::kConnected) watchers_.OnConnected();
    if (theirs) theirs(state, reason);
  };
  events.on_gap = [this, theirs = std::move(events.on_gap)](const Gap& gap) {
    loop_.AssertOnLoop();
    const bool is_watched = watchers_.OnGap(gap.filter);
    if (theirs && !is_watched) theirs(gap);
  };
  return events;
}

void ClientImpl::OnStateChange(State state, const absl::Status& reason) {
  {
    const std::lock_guard lock(mutex_);
    state_ = state;
    if (!reason.ok()) reason_ = reason;
    if (state == State::kClosed) end_reason_ = reason;
    client_id_ = session_.client_id();
    session_id_ = state == State::kConnected ? session_.session_id() : 0;
    inbox_ = state == State::kConnected ? session_.inbox() : std::string();
    connects_total_ = session_.connects_total();
  }
  changed_.notify_all();
}

absl::Status ClientImpl::WaitUntilConnected(base::Duration timeout) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, timeout, [this] {
    return state_ == State::kConnected || state_ == State::kClosed || !reason_.ok();
  });
  if (state_ == State::kConnected) return absl::OkStatus();
  if (!reason_.ok()) return reason_;
  return base::Error(absl::StatusCode::kDeadlineExceeded, "no answer from ", options_.address,
                     " in time");
}

bool ClientImpl::WaitUntilClosed(base::Duration timeout) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, timeout, [this] { return state_ == State::kClosed; });
}

absl::Status ClientImpl::Check(std::string_view topic, const PublishOptions& options) const {
  const base::TopicError error = base::CheckTopic(topic, {});
  if (error != base::TopicError::kOk) return Invalid("topic", base::TopicErrorText(error));
  // The broker ends the connection of a client that sends text which is none.
  if (!base::IsValidUtf8(options.reply_to)) return Invalid("reply_to", "not UTF-8");
  if (options.message_id.size() > kMessageIdBytesMax) return Invalid("message_id", "too long");
  for (const auto& [name, value] : options.headers) {
    if (!base::IsValidUtf8(name) || !base::IsValidUtf8(value)) {
      return Invalid("headers", "not UTF-8");
    }
  }
  return absl::OkStatus();
}

absl::Status ClientImpl::CheckSize(size_t frame_bytes) const {
  const size_t limit = session_.frame_bytes_max();
  if (frame_bytes <= limit) return absl::OkStatus();
  return base::Error(absl::StatusCode::kInvalidArgument, "the message's frame has ", frame_bytes,
                     " bytes; the broker takes at most ", limit);
}

absl::StatusOr<ClientImpl::Standing> ClientImpl::Subscribe(std::string_view filter,
                                                           const SubscribeOptions& options,
                                                           std::shared_ptr<Subscriber> subscriber) {
  if (absl::Status may = MayWait(); !may.ok()) return may;
  if (absl::Status status = CheckSubscribe(filter, options); !status.ok()) return status;
  const uint64_t id = ++subscriber_ids_;
  const auto done = std::make_shared<Completion<Beginning>>();
  loop_.Post([this, options, done, name = std::string(filter),
              subscribed = Subscribed{id, std::move(subscriber)}] {
    loop_.AssertOnLoop();
    session_.Subscribe(name, options, subscribed,
                       [done](const auto& outcome) { done->Set(outcome); });
  });
  absl::StatusOr<Beginning> outcome = done->Wait(options_.request_timeout);
  if (outcome.ok()) return Standing{id, *std::move(outcome)};
  if (absl::IsDeadlineExceeded(outcome.status())) {
    link_->PostAndWait(EndOf({std::string(filter), options.group}, id).remove);
  }
  return outcome.status();
}

SubscriptionEnd ClientImpl::EndOf(SubscriptionName name, uint64_t subscriber_id) {
  return {.loop = link_, .remove = [this, subscriber_id, name = std::move(name)] {
            loop_.AssertOnLoop();
            session_.Unsubscribe(name, subscriber_id);
          }};
}

absl::StatusOr<SubscriptionEnd> ClientImpl::WatchPresence(std::string_view topic,
                                                          PresenceCallback callback) {
  const std::string filter = base::StrCat(kPresencePrefix, topic);
  const auto subscriber_id = std::make_shared<uint64_t>(0);
  const auto end = [this, filter, subscriber_id] {
    loop_.AssertOnLoop();
    session_.Unsubscribe({.filter = filter}, *subscriber_id);
  };
  const auto watcher = std::make_shared<PresenceWatcher>(
      &loop_, AskerOf(filter), [this, end, callback = std::move(callback)](const auto& news) {
        // Not at once: the subscriptions are being walked.
        if (!news.ended.ok()) loop_.Post(end);
        callback(news);
      });
  const absl::StatusOr<Standing> standing = Subscribe(filter, {}, watcher);
  if (!standing.ok()) return standing.status();
  loop_.Post([this, filter, watcher, subscriber_id, id = standing->subscriber_id] {
    loop_.AssertOnLoop();
    *subscriber_id = id;
    watchers_.Add(filter, watcher);
  });
  return SubscriptionEnd{.loop = link_, .remove = [this, watcher, end] {
                           loop_.AssertOnLoop();
                           watcher->Stop();
                           end();
                         }};
}

PresenceWatcher::Ask ClientImpl::AskerOf(std::string presence_topic) {
  return [this, topic = std::move(presence_topic)](const std::string& payload,
                                                   const PresenceWatcher::Answer& answer) {
    const absl::Status status = Request(
        topic, payload, {.replies_max = 1}, [answer](absl::StatusOr<std::vector<Message>> replies) {
          replies.ok() ? answer(std::move(replies->front().payload)) : answer(replies.status());
        });
    if (!status.ok()) answer(status);
  };
}

absl::StatusOr<uint64_t> ClientImpl::Publish(std::string_view topic, std::string_view payload,
                                             const PublishOptions& options, uint32_t confirm_ms,
                                             AnswerCallback done, base::TimePoint room_until) {
  if (absl::Status status = Check(topic, options); !status.ok()) return status;
  const size_t bytes = PublishFrameBytesMax(topic, payload, options);
  if (absl::Status status = CheckSize(bytes); !status.ok()) return status;
  const auto write = [&](uint64_t id, std::string* frames) {
    AppendPublish(topic, payload, options, {.id = id, .confirm_ms = confirm_ms}, frames);
  };
  return outgoing_.AddRequest(bytes, write, {.done = std::move(done)}, RoomUntil(room_until));
}

absl::StatusOr<Answer> ClientImpl::PublishAndWait(std::string_view topic, std::string_view payload,
                                                  const PublishOptions& options,
                                                  uint32_t confirm_ms, base::Duration timeout) {
  if (absl::Status may = MayWait(); !may.ok()) return may;
  const base::TimePoint end = In(timeout);
  const auto answer = std::make_shared<Completion<Answer>>();
  const absl::StatusOr<uint64_t> id = Publish(
      topic, payload, options, confirm_ms,
      [answer](auto result) { answer->Set(std::move(result)); }, end);
  if (!id.ok()) return id.status();
  return WaitFor(*id, answer.get(), end);
}

absl::StatusOr<Answer> ClientImpl::Ask(OutgoingBuffer::Write write, base::Duration timeout) {
  if (absl::Status may = MayWait(); !may.ok()) return may;
  const auto answer = std::make_shared<Completion<Answer>>();
  const absl::StatusOr<uint64_t> id = outgoing_.AddControl(
      write, {.done = [answer](auto result) { answer->Set(std::move(result)); }});
  if (!id.ok()) return id.status();
  return WaitFor(*id, answer.get(), In(timeout));
}

absl::StatusOr<Answer> ClientImpl::WaitFor(uint64_t id, Completion<Answer>* answer,
                                           base::TimePoint end) {
  absl::StatusOr<Answer> result = answer->Wait(end - loop_.clock().Now());
  if (absl::IsDeadlineExceeded(result.status())) {
    link_->Post([this, id] {
      loop_.AssertOnLoop();
      session_.Forget(id);
    });
  }
  return result;
}

absl::Status ClientImpl::Request(std::string_view topic, std::string_view payload,
                                 const RequestOptions& options, RepliesCallback done) {
  absl::StatusOr<std::string> reply_topic = NextReplyTopic(topic);
  if (!reply_topic.ok()) return reply_topic.status();
  PublishOptions publish = options.publish;
  publish.reply_to = *reply_topic;
  if (absl::Status status = Check(topic, publish); !status.ok()) return status;
  const size_t bytes = PublishFrameBytesMax(topic, payload, publish);
  if (absl::Status status = CheckSize(bytes); !status.ok()) return status;
  const auto write = [&](uint64_t id, std::string* frames) {
    AppendPublish(topic, payload, publish, {.id = id}, frames);
  };
  const auto replies = std::make_shared<ReplyCollector>(options.replies_max, std::move(done));
  PendingRequest request{.replies = replies, .reply_topic = *std::move(reply_topic)};
  const base::Duration timeout =
      options.timeout == base::Duration::zero() ? options_.request_timeout : options.timeout;
  const base::TimePoint end = In(timeout);
  const absl::StatusOr<uint64_t> id =
      IsForBroker(topic) ? outgoing_.AddControl(write, std::move(request))
                         : outgoing_.AddRequest(bytes, write, std::move(request), RoomUntil(end));
  if (!id.ok()) return id.status();
  EndInTime(*id, replies, end);
  return absl::OkStatus();
}

// On the loop, so that it also ends in time when nobody waits for it.
void ClientImpl::EndInTime(uint64_t id, const std::shared_ptr<ReplyCollector>& replies,
                           base::TimePoint end) {
  loop_.Post([this, id, replies, end] {
    loop_.AssertOnLoop();
    if (replies->ended()) return;
    const base::TimerId timer = loop_.RunAt(end, [this, id, replies] {
      loop_.AssertOnLoop();
      session_.Forget(id);
      replies->OnTimeout();
    });
    replies->set_on_end([this, timer] {
      loop_.AssertOnLoop();
      loop_.Cancel(timer);
    });
  });
}

absl::StatusOr<std::vector<Message>> ClientImpl::RequestAndWait(std::string_view topic,
                                                                std::string_view payload,
                                                                RequestOptions options) {
  if (absl::Status may = MayWait(); !may.ok()) return may;
  if (options.timeout == base::Duration::zero()) options.timeout = options_.request_timeout;
  if (!IsForBroker(topic)) {
    // Its replies come to an inbox of the connection: there must be one.
    const base::TimePoint begin = loop_.clock().Now();
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, options.timeout,
                      [this] { return state_ == State::kConnected || state_ == State::kClosed; });
    options.timeout -= std::min(options.timeout, loop_.clock().Now() - begin);
  }
  const auto answer = std::make_shared<Completion<std::vector<Message>>>();
  absl::Status status =
      Request(topic, payload, options, [answer](auto result) { answer->Set(std::move(result)); });
  if (!status.ok()) return status;
  return answer->Wait();
}

absl::StatusOr<std::string> ClientImpl::NextReplyTopic(std::string_view request_topic) {
  const uint64_t number = ++reply_topics_;
  if (IsForBroker(request_topic)) return base::StrCat(reply_prefix_, number);
  const std::lock_guard lock(mutex_);
  if (!inbox_.empty()) return base::StrCat(inbox_, "/", number);
  if (state_ == State::kConnected) {
    return absl::UnimplementedError("this broker takes no requests to other clients");
  }
  if (state_ == State::kClosed) {
    return end_reason_.ok() ? absl::FailedPreconditionError("the client is closed") : end_reason_;
  }
  return base::Error(absl::StatusCode::kUnavailable, "no connection to ", options_.address);
}

void ClientImpl::Close() {
  link_->Post([this] {
    loop_.AssertOnLoop();
    session_.Close();
  });
}

void ClientImpl::End(const absl::Status& reason) {
  link_->PostAndWait([this, reason] {
    loop_.AssertOnLoop();
    session_.End(reason);
  });
}

std::function<void()> ClientImpl::Pauser() {
  return [this] {
    loop_.AssertOnLoop();
    session_.PauseRead();
  };
}

std::function<void()> ClientImpl::Resumer() {
  // By the link: somebody may still receive what is left when the client is gone.
  return [this, link = link_] {
    link->Post([this] {
      loop_.AssertOnLoop();
      session_.ResumeRead();
    });
  };
}

absl::Status ClientImpl::MayWait() const {
  if (!loop_.IsOnLoop()) return absl::OkStatus();
  return absl::FailedPreconditionError("a callback must not wait for its own client");
}

State ClientImpl::state() const {
  const std::lock_guard lock(mutex_);
  return state_;
}

absl::Status ClientImpl::reason() const {
  const std::lock_guard lock(mutex_);
  return reason_;
}

absl::Status ClientImpl::end_reason() const {
  const std::lock_guard lock(mutex_);
  return end_reason_;
}

std::string ClientImpl::client_id() const {
  const std::lock_guard lock(mutex_);
  return client_id_;
}

uint64_t ClientImpl::session_id() const {
  const std::lock_guard lock(mutex_);
  return session_id_;
}

uint64_t ClientImpl::connects_total() const {
  const std::lock_guard lock(mutex_);
  return connects_total_;
}

}  // namespace esockets::client
