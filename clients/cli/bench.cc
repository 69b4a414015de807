// esockets bench
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/clock.h"
#include "base/strings.h"
#include "clients/cli/commands.h"
#include "clients/cli/connect.h"
#include "clients/cli/exit_code.h"
#include "clients/cli/progress.h"
#include "clients/cpp/client.h"

namespace esockets::cli {
namespace {

// Under way for each subscriber: far below what makes the broker take one for slow.
constexpr uint64_t kWindowBytes = 64 << 10;
constexpr uint64_t kWindowMessagesMax = 1000;

int64_t NowNs() { return base::SystemClock().Now().time_since_epoch().count(); }

// Each payload begins with the time at which the message was due.
void PutTime(int64_t ns, std::string* payload) { std::memcpy(payload->data(), &ns, sizeof ns); }
int64_t GetTime(std::string_view payload) {
  int64_t ns = 0;
  std::memcpy(&ns, payload.data(), std::min(payload.size(), sizeof ns));
  return ns;
}

// One subscriber, and what it has received. Callbacks on its client's loop; the figures are read
// when all is received.
class Receiver {
 public:
  // Wakes for each quarter of `window` that was received, and for the last of `messages`.
  Receiver(uint64_t window, uint64_t messages, Interrupt* interrupt)
      : step_(std::max<uint64_t>(1, window / 4)), messages_(messages), interrupt_(*interrupt) {}

  // False: the reason was told, *exit_code is set.
  bool Start(const GlobalOptions& global, const std::string& topic, int* exit_code) {
    client::ClientEvents events;
    events.on_gap = [this](const client::Gap& gap) { Advance(gap.messages, &lost_); };
    client_ = ConnectOrComplain(global, std::move(events), /*reconnect=*/false, exit_code);
    if (client_ == nullptr) return false;
    const auto subscribed =
        client_->Subscribe(topic, {}, [this](const client::MessageView& message) {
          latencies_us_.push_back(static_cast<float>(NowNs() - GetTime(message.payload)) / 1e3F);
          Advance(1, &received_);
        });
    if (subscribed.ok()) return true;
    Complain("subscribe", subscribed.status());
    *exit_code = ExitCodeOf(subscribed.status());
    return false;
  }

  uint64_t received() const { return received_.load(std::memory_order_acquire); }
  uint64_t lost() const { return lost_.load(std::memory_order_acquire); }
  const std::vector<float>& latencies_us() const { return latencies_us_; }
  absl::Status reason() const { return client_->reason(); }

 private:
  void Advance(uint64_t messages, std::atomic<uint64_t>* count) {
    const uint64_t before = received() + lost();
    count->fetch_add(messages, std::memory_order_release);
    const uint64_t after = before + messages;
    if (before / step_ != after / step_ || after >= messages_) interrupt_.Wake();
  }

  const uint64_t step_;
  const uint64_t messages_;
  Interrupt& interrupt_;
  std::vector<float> latencies_us_;
  std::atomic<uint64_t> received_{0};
  std::atomic<uint64_t> lost_{0};
  std::unique_ptr<client::Client> client_;  // last: its loop ends before the rest goes
};

class Bench {
 public:
  Bench(const GlobalOptions& global, const BenchOptions& options, Interrupt* interrupt)
      : global_(global),
        options_(options),
        interrupt_(*interrupt),
        window_(std::clamp<uint64_t>(kWindowBytes / options.payload_bytes, 4, kWindowMessagesMax)),
        topic_(options.topic.empty() ? base::StrCat("esockets/bench/", ::getpid())
                                     : options.topic) {}

  int Run() {
    int exit_code = kExitOk;
    GlobalOptions subscriber = global_;
    for (uint64_t i = 0; i < options_.subscribers; ++i) {
      if (!global_.client_id.empty()) subscriber.client_id = base::StrCat(global_.client_id, i + 1);
      receivers_.push_back(std::make_unique<Receiver>(window_, options_.messages, &interrupt_));
      if (!receivers_.back()->Start(subscriber, topic_, &exit_code)) return exit_code;
    }
    publisher_ = ConnectOrComplain(global_, {}, /*reconnect=*/false, &exit_code);
    if (publisher_ == nullptr) return exit_code;
    const int64_t from_ns = NowNs();
    absl::Status status = PublishAll();
    if (status.ok()) status = WaitUntilBehindBy(0, options_.messages);
    const double seconds = static_cast<double>(NowNs() - from_ns) / 1e9;
    if (status.ok()) Print(seconds);
    for (const auto& receiver : receivers_) lost_ += receiver->lost();
    if (status.ok() && lost_ > 0) {
      status = base::Error(absl::StatusCode::kDeadlineExceeded, "the broker dropped ", lost_,
                           " deliveries: this machine was too slow");
    }
    if (status.ok()) return kExitOk;
    Complain("bench", status);
    return ExitCodeOf(status);
  }

 private:
  absl::Status PublishAll() {
    std::string payload(std::max(options_.payload_bytes, sizeof(int64_t)), 'x');
    Progress progress(options_.messages, !global_.json);
    const int64_t interval_ns = options_.rate > 0 ? static_cast<int64_t>(1e9 / options_.rate) : 0;
    int64_t due_ns = NowNs();
    for (uint64_t i = 0; i < options_.messages; ++i) {
      if (interval_ns > 0) {
        due_ns += interval_ns;
        if (!WaitUntil(due_ns)) return absl::CancelledError("interrupted");
      } else {
        if (absl::Status open = WaitUntilBehindBy(window_ - 1, i); !open.ok()) return open;
        due_ns = NowNs();
      }
      PutTime(due_ns, &payload);
      if (absl::Status sent = publisher_->Publish(topic_, payload); !sent.ok()) return sent;
      progress.Update(i + 1);
    }
    return absl::OkStatus();
  }

  bool WaitUntil(int64_t due_ns) {
    for (int64_t now_ns = NowNs(); now_ns < due_ns; now_ns = NowNs()) {
      if (interrupt_.WaitFor(base::Duration(due_ns - now_ns)) == Interrupt::Cause::kSignal) {
        return false;
      }
    }
    return true;
  }

  // Waits until the slowest subscriber lacks at most `messages` of the `sent` ones.
  absl::Status WaitUntilBehindBy(uint64_t messages, uint64_t sent) {
    while (sent - std::min(sent, slowest_) > messages) {
      slowest_ = UINT64_MAX;
      for (const auto& receiver : receivers_) {
        slowest_ = std::min(slowest_, receiver->received() + receiver->lost());
      }
      if (sent - std::min(sent, slowest_) <= messages) break;
      switch (interrupt_.WaitFor(Seconds(global_.timeout_seconds))) {
        case Interrupt::Cause::kSignal:
          return absl::CancelledError("interrupted");
        case Interrupt::Cause::kTimeout:
          return StalledStatus();
        case Interrupt::Cause::kWoken:
          break;
      }
    }
    return absl::OkStatus();
  }

  // Why nothing comes any more.
  absl::Status StalledStatus() const {
    for (const auto& receiver : receivers_) {
      if (!receiver->reason().ok()) return receiver->reason();
    }
    return base::Error(absl::StatusCode::kDeadlineExceeded, "nothing came for ",
                       global_.timeout_seconds, " s");
  }

  void Print(double seconds) const {
    std::vector<float> all_us;
    for (const auto& receiver : receivers_) {
      const auto& some = receiver->latencies_us();
      all_us.insert(all_us.end(), some.begin(), some.end());
    }
    std::sort(all_us.begin(), all_us.end());
    const auto percentile = [&](double share) {
      const auto at = static_cast<size_t>(share * static_cast<double>(all_us.size() - 1));
      return all_us.empty() ? 0.0 : static_cast<double>(all_us[at]);
    };
    const double messages_per_s = static_cast<double>(options_.messages) / seconds;
    const double deliveries_per_s = static_cast<double>(all_us.size()) / seconds;
    const double p50_us = percentile(0.5), p99_us = percentile(0.99);
    const std::string text =
        global_.json
            ? absl::StrFormat(
                  "{\"messages\":%d,\"subscribers\":%d,\"payload_bytes\":%d,\"seconds\":%.6f,"
                  "\"messages_per_s\":%.1f,\"deliveries_per_s\":%.1f,\"latency_p50_us\":%.1f,"
                  "\"latency_p99_us\":%.1f}\n",
                  options_.messages, options_.subscribers, options_.payload_bytes, seconds,
                  messages_per_s, deliveries_per_s, p50_us, p99_us)
            : absl::StrFormat(
                  "%d messages to %d subscribers, payload %d bytes, in %.3f s\n"
                  "%.0f messages/s, %.0f deliveries/s\n"
                  "latency: p50 %.0f us, p99 %.0f us\n",
                  options_.messages, options_.subscribers, options_.payload_bytes, seconds,
                  messages_per_s, deliveries_per_s, p50_us, p99_us);
    std::fputs(text.c_str(), stdout);
  }

  const GlobalOptions& global_;
  const BenchOptions& options_;
  Interrupt& interrupt_;
  const uint64_t window_;
  const std::string topic_;
  uint64_t slowest_ = 0;  // what the slowest subscriber had, when it was last looked at
  uint64_t lost_ = 0;
  std::vector<std::unique_ptr<Receiver>> receivers_;
  std::unique_ptr<client::Client> publisher_;
};

}  // namespace

int Run(const GlobalOptions& global, const BenchOptions& options, Interrupt& interrupt) {
  return Bench(global, options, &interrupt).Run();
}

}  // namespace esockets::cli
