#include "clients/cpp/client.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/strings.h"
#include "clients/cpp/client_impl.h"
#include "clients/cpp/endpoint.h"
#include "clients/cpp/frames.h"
#include "clients/cpp/limits.h"
#include "clients/cpp/receive_queue.h"
#include "clients/cpp/subscription_name.h"

namespace esockets::client {
namespace {

class CallbackSubscriber final : public Subscriber {
 public:
  explicit CallbackSubscriber(MessageCallback callback) : callback_(std::move(callback)) {}

  void OnMessage(const MessageView& message) override { callback_(message); }
  void OnEnd(const absl::Status&) override {}

 private:
  const MessageCallback callback_;
};

// Frames are written here before they are copied into the outgoing buffer: one allocation a thread.
std::string& Scratch() {
  thread_local std::string scratch;
  scratch.clear();
  return scratch;
}

// As the broker takes it; 0 would ask for nothing.
uint32_t ConfirmMillis(base::Duration settle) {
  const auto millis = std::chrono::ceil<std::chrono::milliseconds>(settle).count();
  return static_cast<uint32_t>(std::clamp<int64_t>(millis, 1, kConfirmMillisMax));
}

absl::StatusOr<Delivery> DeliveryIn(const absl::StatusOr<Answer>& answer) {
  if (!answer.ok()) return answer.status();
  if (std::optional<Delivery> delivery = answer->delivery) {
    delivery->stored = answer->stored;
    return *delivery;
  }
  return absl::UnimplementedError("this broker does not say what became of a message");
}

}  // namespace

Client::Client(std::unique_ptr<ClientImpl> impl) : impl_(std::move(impl)) {}

Client::~Client() = default;

std::unique_ptr<Client> Client::Create(ClientOptions options, ClientEvents events) {
  auto endpoint = EndpointOf(options);
  return std::unique_ptr<Client>(new Client(
      std::make_unique<ClientImpl>(std::move(options), std::move(events), std::move(endpoint))));
}

absl::StatusOr<std::unique_ptr<Client>> Client::Connect(ClientOptions options,
                                                        ClientEvents events) {
  std::unique_ptr<Client> client = Create(std::move(options), std::move(events));
  const absl::Status status =
      client->impl_->WaitUntilConnected(client->impl_->options().connect_timeout);
  if (!status.ok()) return status;
  return client;
}

absl::Status Client::Publish(std::string_view topic, std::string_view payload,
                             const PublishOptions& options) {
  if (absl::Status status = impl_->Check(topic, options); !status.ok()) return status;
  if (!options.message_id.empty()) {
    return absl::InvalidArgumentError("message_id: whoever repeats a message waits for an answer");
  }
  std::string& frame = Scratch();
  AppendPublish(topic, payload, options, {}, &frame);
  if (absl::Status status = impl_->CheckSize(frame.size()); !status.ok()) return status;
  return impl_->outgoing().Add(frame, /*may_wait=*/!impl_->on_loop());
}

absl::Status Client::PublishAsync(std::string_view topic, std::string_view payload,
                                  std::function<void(const absl::Status&)> done,
                                  const PublishOptions& options) {
  return impl_
      ->Publish(
          topic, payload, options, /*confirm_ms=*/0,
          [done = std::move(done)](const absl::StatusOr<Answer>& answer) { done(answer.status()); },
          base::TimePoint::max())
      .status();
}

absl::Status Client::PublishAndWait(std::string_view topic, std::string_view payload,
                                    const PublishOptions& options) {
  return impl_
      ->PublishAndWait(topic, payload, options, /*confirm_ms=*/0, impl_->options().request_timeout)
      .status();
}

absl::StatusOr<std::optional<Stored>> Client::PublishAndStore(std::string_view topic,
                                                              std::string_view payload,
                                                              const PublishOptions& options) {
  const absl::StatusOr<Answer> answer = impl_->PublishAndWait(
      topic, payload, options, /*confirm_ms=*/0, impl_->options().request_timeout);
  if (!answer.ok()) return answer.status();
  return answer->stored;
}

absl::Status Client::PublishAndConfirmAsync(
    std::string_view topic, std::string_view payload, base::Duration settle,
    std::function<void(const absl::StatusOr<Delivery>&)> done, const PublishOptions& options) {
  return impl_
      ->Publish(
          topic, payload, options, ConfirmMillis(settle),
          [done = std::move(done)](const absl::StatusOr<Answer>& answer) {
            done(DeliveryIn(answer));
          },
          base::TimePoint::max())
      .status();
}

absl::StatusOr<Delivery> Client::PublishAndConfirm(std::string_view topic, std::string_view payload,
                                                   base::Duration settle,
                                                   const PublishOptions& options) {
  return DeliveryIn(impl_->PublishAndWait(topic, payload, options, ConfirmMillis(settle),
                                          settle + impl_->options().request_timeout));
}

absl::StatusOr<std::shared_ptr<Subscription>> Client::Subscribe(std::string_view filter,
                                                                const SubscribeOptions& options,
                                                                MessageCallback callback) {
  absl::StatusOr<ClientImpl::Standing> standing =
      impl_->Subscribe(filter, options, std::make_shared<CallbackSubscriber>(std::move(callback)));
  if (!standing.ok()) return standing.status();
  SubscriptionName name{std::string(filter), options.group};
  SubscriptionEnd end = impl_->EndOf(name, standing->subscriber_id);
  return std::make_shared<Subscription>(std::move(name), std::move(standing->beginning),
                                        std::move(end));
}

absl::StatusOr<std::shared_ptr<PullSubscription>> Client::Subscribe(
    std::string_view filter, const SubscribeOptions& options) {
  const auto queue = std::make_shared<ReceiveQueue>(options.receive_queue_messages_max,
                                                    impl_->Pauser(), impl_->Resumer());
  absl::StatusOr<ClientImpl::Standing> standing = impl_->Subscribe(filter, options, queue);
  if (!standing.ok()) return standing.status();
  SubscriptionName name{std::string(filter), options.group};
  SubscriptionEnd end = impl_->EndOf(name, standing->subscriber_id);
  return std::make_shared<PullSubscription>(std::move(name), std::move(standing->beginning),
                                            std::move(end), queue);
}

absl::StatusOr<std::string> Client::Request(std::string_view topic, std::string_view payload,
                                            base::Duration timeout) {
  auto replies = RequestMany(topic, payload, {.replies_max = 1, .timeout = timeout});
  if (!replies.ok()) return replies.status();
  Message& reply = replies->front();
  if (const auto error = ErrorIn(reply)) {
    return base::Error(absl::StatusCode::kAborted, "who was asked has failed: ", *error);
  }
  return std::move(reply.payload);
}

absl::StatusOr<std::vector<Message>> Client::RequestMany(std::string_view topic,
                                                         std::string_view payload,
                                                         const RequestOptions& options) {
  return impl_->RequestAndWait(topic, payload, options);
}

absl::Status Client::RequestAsync(std::string_view topic, std::string_view payload,
                                  const RequestOptions& options, RepliesCallback done) {
  return impl_->Request(topic, payload, options, std::move(done));
}

absl::StatusOr<std::unique_ptr<PresenceWatch>> Client::WatchPresence(std::string_view topic,
                                                                     PresenceCallback callback) {
  absl::StatusOr<SubscriptionEnd> end = impl_->WatchPresence(topic, std::move(callback));
  if (!end.ok()) return end.status();
  return std::make_unique<PresenceWatch>(std::string(topic), *std::move(end));
}

absl::Status Client::Flush(base::Duration timeout) {
  return impl_->Ask(AppendPing, timeout).status();
}

absl::Status Client::Close(base::Duration timeout) {
  if (absl::Status may = impl_->MayWait(); !may.ok()) return may;
  if (state() == State::kClosed) return absl::OkStatus();
  impl_->Close();
  if (impl_->WaitUntilClosed(timeout)) return impl_->end_reason();
  absl::Status late = absl::DeadlineExceededError("the broker has not taken everything in time");
  impl_->End(late);
  return late;
}

State Client::state() const { return impl_->state(); }
absl::Status Client::reason() const { return impl_->reason(); }
std::string Client::client_id() const { return impl_->client_id(); }
uint64_t Client::session_id() const { return impl_->session_id(); }
uint64_t Client::connects_total() const { return impl_->connects_total(); }
uint64_t Client::dropped_messages_total() const {
  return impl_->outgoing().dropped_messages_total();
}
size_t Client::outgoing_bytes() const { return impl_->outgoing().bytes(); }

}  // namespace esockets::client
