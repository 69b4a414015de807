// Inside of Client: the thread, and everything that lives on it.
#ifndef CLIENTS_CPP_CLIENT_IMPL_H_
#define CLIENTS_CPP_CLIENT_IMPL_H_

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "base/on_loop.h"
#include "clients/cpp/completion.h"
#include "clients/cpp/dispatcher.h"
#include "clients/cpp/endpoint.h"
#include "clients/cpp/events.h"
#include "clients/cpp/loop_link.h"
#include "clients/cpp/message.h"
#include "clients/cpp/options.h"
#include "clients/cpp/outgoing_buffer.h"
#include "clients/cpp/presence.h"
#include "clients/cpp/presence_watcher.h"
#include "clients/cpp/presence_watchers.h"
#include "clients/cpp/reply_collector.h"
#include "clients/cpp/session.h"
#include "clients/cpp/socket_transport.h"
#include "clients/cpp/stream_start.h"
#include "clients/cpp/subscription.h"
#include "clients/cpp/subscription_name.h"
#include "server/event_loop.h"

namespace esockets::client {

// Thread: any.
class ClientImpl {
 public:
  // Starts the thread. `endpoint`: what the options say of it, or why that is no good.
  ClientImpl(ClientOptions options, ClientEvents events, absl::StatusOr<Endpoint> endpoint);
  ClientImpl(const ClientImpl&) = delete;
  ClientImpl& operator=(const ClientImpl&) = delete;
  ~ClientImpl();

  // OK when the first attempt has succeeded; otherwise its failure, or kDeadlineExceeded.
  absl::Status WaitUntilConnected(base::Duration timeout);
  bool WaitUntilClosed(base::Duration timeout);

  // May it be given to the broker?
  absl::Status Check(std::string_view topic, const PublishOptions& options) const;
  absl::Status CheckSize(size_t frame_bytes) const;

  struct Standing {
    uint64_t subscriber_id;
    Beginning beginning;
  };
  // Subscribes `subscriber`, and waits for the broker's word.
  absl::StatusOr<Standing> Subscribe(std::string_view filter, const SubscribeOptions& options,
                                     std::shared_ptr<Subscriber> subscriber);
  SubscriptionEnd EndOf(SubscriptionName name, uint64_t subscriber_id);

  // Adds a Publish that is answered, and returns its id. `confirm_ms` as of AnswerWanted. On an
  // error `done` is not called. `room_until`: when it stops waiting for room.
  absl::StatusOr<uint64_t> Publish(std::string_view topic, std::string_view payload,
                                   const PublishOptions& options, uint32_t confirm_ms,
                                   AnswerCallback done, base::TimePoint room_until);
  // The same, waiting for the answer.
  absl::StatusOr<Answer> PublishAndWait(std::string_view topic, std::string_view payload,
                                        const PublishOptions& options, uint32_t confirm_ms,
                                        base::Duration timeout);

  // Adds a frame that is answered, beyond the buffer's limit, and waits for the answer.
  absl::StatusOr<Answer> Ask(OutgoingBuffer::Write write, base::Duration timeout);

  // As Client::RequestAsync, and as Client::RequestMany.
  absl::Status Request(std::string_view topic, std::string_view payload,
                       const RequestOptions& options, RepliesCallback done);
  absl::StatusOr<std::vector<Message>> RequestAndWait(std::string_view topic,
                                                      std::string_view payload,
                                                      RequestOptions options);

  // As Client::WatchPresence.
  absl::StatusOr<SubscriptionEnd> WatchPresence(std::string_view topic, PresenceCallback callback);

  void Close();
  void End(const absl::Status& reason);
  // A full ReceiveQueue's way to stop the connection, and to let it go on.
  std::function<void()> Pauser();
  std::function<void()> Resumer();

  // Of calls that wait: kFailedPrecondition on the loop.
  absl::Status MayWait() const;
  bool on_loop() const { return loop_.IsOnLoop(); }
  const ClientOptions& options() const { return options_; }
  OutgoingBuffer& outgoing() { return outgoing_; }

  State state() const;
  absl::Status reason() const;
  // Of kClosed.
  absl::Status end_reason() const;
  std::string client_id() const;
  uint64_t session_id() const;
  uint64_t connects_total() const;

 private:
  // Where the replies to a request of this topic come to. Errors: kUnavailable without a
  // connection.
  base::TimePoint In(base::Duration timeout) const {
    const base::TimePoint now = loop_.clock().Now();
    return now + std::min(timeout, base::TimePoint::max() - now);
  }
  // As OutgoingBuffer wants it. In a callback nobody may wait: who makes room is on the same loop.
  base::TimePoint RoomUntil(base::TimePoint end) const {
    return on_loop() ? base::TimePoint() : end;
  }
  absl::StatusOr<std::string> NextReplyTopic(std::string_view request_topic);
  void EndInTime(uint64_t id, const std::shared_ptr<ReplyCollector>& replies, base::TimePoint end);
  absl::StatusOr<Answer> WaitFor(uint64_t id, Completion<Answer>* answer, base::TimePoint end);
  PresenceWatcher::Ask AskerOf(std::string presence_topic);
  ClientEvents WithOurs(ClientEvents events);
  void OnStateChange(State state, const absl::Status& reason) ESOCKETS_ON_LOOP;

  const ClientOptions options_;
  const std::string reply_prefix_;
  std::atomic<uint64_t> subscriber_ids_{0};
  std::atomic<uint64_t> reply_topics_{0};

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  // Guarded by mutex_.
  State state_ = State::kConnecting;
  absl::Status reason_;
  absl::Status end_reason_;
  std::string client_id_;
  uint64_t session_id_ = 0;  // 0: there is no connection
  std::string inbox_;        // empty: there is no connection, or the broker has none
  uint64_t connects_total_ = 0;

  server::EventLoop loop_;
  const std::shared_ptr<LoopLink> link_;
  OutgoingBuffer outgoing_;
  SocketTransport transport_;
  PresenceWatchers watchers_ ESOCKETS_GUARDED_BY_LOOP;
  Session session_;
  std::thread thread_;
};

}  // namespace esockets::client

#endif  // CLIENTS_CPP_CLIENT_IMPL_H_
