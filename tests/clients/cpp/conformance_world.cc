#include "tests/clients/cpp/conformance_world.h"

#include <utility>

#include "base/log.h"
#include "base/strings.h"
#include "gtest/gtest.h"
#include "server/connection.h"

namespace esockets::client {

// --- World --------------------------------------------------------------------------------------

World::World(app::BrokerOptions options) : options_(std::move(options)) {
  base::SetLogLevel(base::LogLevel::kWarning);
  options_.server.port = 0;
  options_.settings.stamps.publisher = true;
  options_.settings.streams = {
      {.name = "chat", .filter = "chat/#", .limits = {}, .message_ids = {}},
      {.name = "state/+",
       .filter = "state/+",
       .limits = {.messages_per_topic_max = 1},
       .message_ids = {},
       .last_values = broker::LastValueLimits()}};
  options_.settings.presence = {{.filter = "room/+", .window = std::chrono::milliseconds(20)}};
  StartBroker();
  options_.server.port = broker_->server().port();
}

void World::StartBroker() {
  broker_ = std::make_unique<app::BrokerServer>(options_);
  const absl::Status status = broker_->Start();
  ASSERT_TRUE(status.ok()) << status;
}

void World::CutConnections() {
  for (const auto& [id, connection] : broker_->server().clients()) {
    connection->Close(server::CloseMode::kNow);
  }
}

ClientOptions World::options() const {
  return {.address = base::StrCat("127.0.0.1:", options_.server.port),
          .backoff_min = std::chrono::milliseconds(1),
          .backoff_max = std::chrono::milliseconds(20)};
}

std::unique_ptr<Client> World::Connect(ClientOptions options, ClientEvents events) {
  auto client = Client::Connect(std::move(options), std::move(events));
  EXPECT_TRUE(client.ok()) << client.status();
  return client.ok() ? *std::move(client) : nullptr;
}

// --- Diary --------------------------------------------------------------------------------------

ClientEvents Diary::events() {
  return {
      .on_state_change =
          [this](State state, const absl::Status& reason) {
            if (!reason.ok()) Keep(&reason_, reason);
            Note(std::string(StateName(state)));
          },
      .on_gap = [this](const Gap& gap) { Note("gap " + gap.filter); },
      .on_snapshot_end = [this](const std::string& filter) { Note("snapshot " + filter); },
      .on_resumed =
          [this](const StreamStart& resumed) {
            Keep(&resumed_, resumed);
            Note("resumed " + resumed.filter);
          },
      .on_close =
          [this](const BrokerError& close) {
            Keep(&close_, close);
            Note(base::StrCat("close ", close.code));
          },
      .on_go_away = [this](const BrokerError& away) { Note(base::StrCat("go away ", away.code)); },
      .on_error =
          [this](const absl::Status& error) { Note(base::StrCat("error ", BrokerCode(error))); }};
}

MessageCallback Diary::Pen() {
  return [this](const MessageView& message) {
    Note(base::StrCat(message.topic, "=", message.payload));
  };
}

void Diary::Note(std::string line) {
  {
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
  }
  changed_.notify_all();
}

bool Diary::Await(const std::string& line) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, kPatience, [&] {
    while (!lines_.empty()) {
      const bool found = lines_.front() == line;
      lines_.pop_front();
      if (found) return true;
    }
    return false;
  });
}

std::vector<std::string> Diary::AwaitLines(size_t count) {
  std::unique_lock lock(mutex_);
  EXPECT_TRUE(changed_.wait_for(lock, kPatience, [&] { return lines_.size() >= count; }));
  const std::deque<std::string> lines = std::exchange(lines_, {});
  return {lines.begin(), lines.end()};
}

StreamStart Diary::resumed() {
  const std::lock_guard lock(mutex_);
  return resumed_;
}

BrokerError Diary::close() {
  const std::lock_guard lock(mutex_);
  return close_;
}

absl::Status Diary::reason() {
  const std::lock_guard lock(mutex_);
  return reason_;
}

}  // namespace esockets::client
