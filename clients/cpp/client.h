// A client of the broker.
//
//   absl::StatusOr<std::unique_ptr<Client>> client = Client::Connect({.name = "thermometer"});
//   auto subscription = (*client)->Subscribe("room/+/temperature", {},
//       [](const MessageView& message) { Show(message.topic, message.payload); });
//   absl::Status status = (*client)->Publish("room/42/temperature", "21.5");
//
// It has one thread, with the event loop of the socket core, on which all callbacks run. A lost
// connection is made again, after a random and growing pause, and everything is subscribed again;
// what was published in between waits in the outgoing buffer. Delivery is at most once: what had
// been given to a connection that then broke may be lost, and PublishAndWait says so.
#ifndef CLIENTS_CPP_CLIENT_H_
#define CLIENTS_CPP_CLIENT_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/clock.h"
#include "clients/cpp/delivery.h"
#include "clients/cpp/events.h"
#include "clients/cpp/message.h"
#include "clients/cpp/options.h"
#include "clients/cpp/presence.h"
#include "clients/cpp/reply_collector.h"
#include "clients/cpp/status.h"
#include "clients/cpp/subscription.h"

namespace esockets::client {

class ClientImpl;

// Thread: any, of every call. Calls that wait must not be made within a callback.
class Client {
 public:
  // Begins to connect and returns at once; what is published meanwhile is buffered.
  static std::unique_ptr<Client> Create(ClientOptions options, ClientEvents events = {});

  // Create, and wait for the outcome of the first attempt: who wants to wait for a broker that is
  // not there yet uses Create. Errors: the broker's refusal; kUnavailable or kDeadlineExceeded when
  // it could not be reached; kInvalidArgument of the address.
  static absl::StatusOr<std::unique_ptr<Client>> Connect(ClientOptions options,
                                                         ClientEvents events = {});

  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;
  // Ends the connection at once; Close before it for an orderly end.
  // REQUIRES: not within a callback.
  ~Client();

  // Into the outgoing buffer. A refusal by the broker comes to on_error. Errors: kInvalidArgument
  // of a topic or text that the broker would refuse, or of more than a frame may hold;
  // kResourceExhausted when the buffer is full; the reason when the client is closed.
  absl::Status Publish(std::string_view topic, std::string_view payload,
                       const PublishOptions& options = {});

  // Calls `done` on the client's loop when the broker has handed the message to every subscriber's
  // queue, or has refused it, or the connection broke before it could say. An error that is known
  // at once is returned, and `done` is not called.
  absl::Status PublishAsync(std::string_view topic, std::string_view payload,
                            std::function<void(const absl::Status&)> done,
                            const PublishOptions& options = {});

  // The same, waiting for the answer. kDeadlineExceeded: none within request_timeout, in which it
  // waits for room in the buffer too.
  absl::Status PublishAndWait(std::string_view topic, std::string_view payload,
                              const PublishOptions& options = {});

  // The same, and tells where the message is in its stream; nothing: no stream keeps its topic.
  // After an error one does not know; the same again, with the same message_id, is stored once.
  absl::StatusOr<std::optional<Stored>> PublishAndStore(std::string_view topic,
                                                        std::string_view payload,
                                                        const PublishOptions& options = {});

  // Asks what became of the message: returns when that is settled for every subscriber, or after
  // `settle`, of which at most 60 s count; then some may still be `queued`. Errors as of
  // PublishAndWait, kDeadlineExceeded request_timeout after `settle`; kUnimplemented of a broker
  // that does not know.
  absl::StatusOr<Delivery> PublishAndConfirm(std::string_view topic, std::string_view payload,
                                             base::Duration settle,
                                             const PublishOptions& options = {});

  // The same, calling `done` as PublishAsync does. Answers come as they are settled, in any order.
  absl::Status PublishAndConfirmAsync(std::string_view topic, std::string_view payload,
                                      base::Duration settle,
                                      std::function<void(const absl::StatusOr<Delivery>&)> done,
                                      const PublishOptions& options = {});

  // Returns when the broker has confirmed: from then on nothing that matches is missed while the
  // connection stands. A message that matches several filters of this client comes to each of its
  // callbacks. Errors: the broker's refusal, kInvalidArgument, kDeadlineExceeded; kAlreadyExists
  // when this client is in the options' group, with a filter that has topics in common.
  absl::StatusOr<std::shared_ptr<Subscription>> Subscribe(std::string_view filter,
                                                          const SubscribeOptions& options,
                                                          MessageCallback callback);

  // The pull twin.
  absl::StatusOr<std::shared_ptr<PullSubscription>> Subscribe(std::string_view filter,
                                                              const SubscribeOptions& options = {});

  // Asks whoever is subscribed to the topic, and returns the payload of the first reply; or asks
  // the broker itself ("$SYS/...", with the messages of proto/admin.proto). `timeout` zero:
  // request_timeout. Who answers publishes to the reply_to of the message. Errors: kUnavailable
  // with the broker's code kNoRespondersCode, at once, when nobody is subscribed; kDeadlineExceeded
  // when no reply came in time; kUnavailable when the connection broke; kAborted when whoever was
  // asked has sent an error (kErrorHeader).
  absl::StatusOr<std::string> Request(std::string_view topic, std::string_view payload,
                                      base::Duration timeout = {});

  // Asks all of them, and returns their replies in the order in which they came: when there are
  // `replies_max`, or the time is over. Errors: the same, but for kAborted.
  absl::StatusOr<std::vector<Message>> RequestMany(std::string_view topic, std::string_view payload,
                                                   const RequestOptions& options = {});

  // The same, calling `done` on the client's loop. An error that is known at once is returned, and
  // `done` is not called: kUnavailable while there is no connection.
  absl::Status RequestAsync(std::string_view topic, std::string_view payload,
                            const RequestOptions& options, RepliesCallback done);

  // Tells who is on a topic: first all of them, then who joins and who leaves. After a lost
  // connection it tells what has changed meanwhile. Returns when the broker has agreed. Errors: the
  // broker's refusal, kPermissionDenied, or kFailedPrecondition when it has no presence of this
  // topic; those of Subscribe.
  absl::StatusOr<std::unique_ptr<PresenceWatch>> WatchPresence(std::string_view topic,
                                                               PresenceCallback callback);

  // Returns when everything published so far has reached the broker. kUnavailable: the connection
  // broke meanwhile, and some of it may be lost.
  absl::Status Flush(base::Duration timeout);

  // Sends what is buffered, says goodbye, and waits for the end. On an error the connection is
  // ended all the same, and the error says what was not sent.
  absl::Status Close(base::Duration timeout);

  State state() const;
  // Why the last connection failed or ended; OK while there is none such.
  absl::Status reason() const;
  // In force: the client's own, or the one that the broker chose. Empty before the first Connected.
  std::string client_id() const;
  // Of the connection that stands: what the broker stamps on a message as its `publisher`. 0: there
  // is none.
  uint64_t session_id() const;
  // Connections that stood, the first included.
  uint64_t connects_total() const;
  // By kDropNewest.
  uint64_t dropped_messages_total() const;
  // Of the outgoing buffer.
  size_t outgoing_bytes() const;

 private:
  explicit Client(std::unique_ptr<ClientImpl> impl);

  const std::unique_ptr<ClientImpl> impl_;
};

}  // namespace esockets::client

#endif  // CLIENTS_CPP_CLIENT_H_
