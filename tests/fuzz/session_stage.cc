#include "tests/fuzz/session_stage.h"

#include <algorithm>
#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

#include "broker/settings_change.h"
#include "proto/client_frame_decoder.h"
#include "tests/fuzz/expect.h"
#include "tests/fuzz/stage_settings.h"
#include "tests/support/pretend_on_loop.h"

namespace esockets::tests {
namespace {

using broker::CloseCode;
using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr uint32_t kChunkBytes = 4 << 10;
// As long as an input may take, and as long as anything lasts that ends by itself.
constexpr base::Duration kTimeMax = std::chrono::minutes(3);
constexpr base::Duration kLongTime = seconds(80);
constexpr int kTurnsToSettle = 40;

}  // namespace

SessionStage::SessionStage(ByteSource* input)
    : input_(*input), commands_(input), narrow_(input->OneIn(2)) {
  cluster_ =
      std::make_unique<SimCluster>(1 + input_.Below(2), StageSettings(narrow_, 0), kChunkBytes);
}

void SessionStage::Play() {
  PretendOnLoop();
  while (!input_.empty()) Step();
}

void SessionStage::Step() {
  constexpr size_t kCommands = 24, kHappenings = 12;
  const size_t which = input_.Next();
  Seat& seat = seats_[which % seats_.size()];
  const size_t what = which / seats_.size() % (kCommands + kHappenings);
  what < kCommands ? Command(&seat, what) : Happening(&seat, what - kCommands);
}

void SessionStage::Command(Seat* seat, size_t which) {
  if (seat->client == nullptr) return Enter(seat);
  switch (which) {
    case 0:
      return Send(seat, commands_.Connect());
    case 1:
      return Send(seat, commands_.Disconnect());
    case 2:
    case 3:
      return Send(seat, commands_.Ping());
    case 4:
      return Send(seat, commands_.Refresh());
    case 5:
      return SendRaw(seat, input_.Take(input_.Below(64)));
    case 6:
      return Send(seat, commands_.Ask(&seat->last_id));
    case 7:
      return Send(seat, commands_.Request(&seat->last_id));
    case 8:
    case 9:
    case 10:
      return Send(seat, commands_.Unsubscribe(&seat->last_id));
    case 11:
    case 12:
    case 13:
    case 14:
    case 15:
      return Send(seat, commands_.Subscribe(&seat->last_id));
    default:
      return Send(seat, commands_.Publish(&seat->last_id));
  }
}

void SessionStage::Happening(Seat* seat, size_t which) {
  static constexpr base::Duration kTimes[] = {milliseconds(1), milliseconds(150), seconds(1),
                                              seconds(6), seconds(61)};
  static constexpr size_t kWindows[] = {0, 1, 100, 2'000, FakeSink::kUnlimited};
  SimClient* const client = seat->client.get();
  const bool there = client != nullptr && !client->gone();
  if (which < 4) return Turn();
  if (which == 4) return Pass(input_.Pick(kTimes));
  if (which == 5) return Reload();
  if (which == 6) return Enter(seat);
  if (!there) return Turn();
  if (which == 7) return client->sink.set_window(input_.Pick(kWindows));
  if (which == 8) return client->sink.Read(input_.Pick(kWindows));
  if (which == 9) return input_.OneIn(2) ? client->Cork() : client->Uncork();
  if (which == 10) return client->session().Drain();
  if (input_.OneIn(2)) client->session().OnGone(CloseCode::kLeft, "");
  client->Vanish();
}

// Another connection, on any loop, that begins with its Connect or does not.
void SessionStage::Enter(Seat* seat) {
  if (seat->client != nullptr) Collect(seat);
  seat->client.reset();
  *seat = Seat();
  seat->client = std::make_unique<SimClient>(
      &cluster_->loop(static_cast<uint32_t>(input_.Below(cluster_->size()))));
  if (input_.OneIn(8)) return;
  Send(seat, commands_.Connect());
  if (!input_.OneIn(4)) Turn();
}

void SessionStage::Send(Seat* seat, const ClientFrame& frame) {
  if (seat->client->gone() || seat->client->session().ended()) return;
  seat->answers.OnSent(frame);
  seat->client->Send(frame);
}

// As a frame that nobody has looked at, where one would be taken now.
void SessionStage::SendRaw(Seat* seat, std::string_view bytes) {
  SimClient& client = *seat->client;
  if (client.gone() || client.session().ended()) return;
  if (client.waiting_frames() > 0 || client.sink.reading_paused()) return;
  const std::vector<char> memory(bytes.begin(), bytes.end());  // what is read outside is found
  proto::ClientFrameView view;
  const proto::DecodeError error =
      proto::DecodeClientFrame(std::string_view(memory.data(), memory.size()), &view);
  if (error != proto::DecodeError::kOk) {
    return client.session().End(CloseCode::kProtocolError, proto::DecodeErrorText(error));
  }
  ClientFrame frame;
  Expect(frame.ParseFromArray(memory.data(), static_cast<int>(memory.size())), "not protobuf");
  seat->answers.OnSent(frame);
  client.session().OnFrame(view);
}

void SessionStage::Reload() {
  const size_t rules = input_.Next();
  const bool narrow = narrow_ != (rules % 16 == 15);
  for (uint32_t loop = 0; loop < cluster_->size(); ++loop) {
    broker::ReplaceSettings(&cluster_->loop(loop).shard, StageSettings(narrow, rules));
  }
}

void SessionStage::Turn() {
  for (uint32_t loop = 0; loop < cluster_->size(); ++loop) cluster_->loop(loop).Turn();
  for (Seat& seat : seats_) Collect(&seat);
  TellInboxes();
}

void SessionStage::Pass(base::Duration time) {
  if (passed_ + time > kTimeMax) return Turn();
  passed_ += time;
  for (uint32_t loop = 0; loop < cluster_->size(); ++loop) {
    SimExecutor& executor = cluster_->loop(loop).executor;
    executor.EndTurn();
    executor.Advance(time);
    executor.BeginTurn();
  }
  Turn();
}

void SessionStage::Collect(Seat* seat) {
  if (seat->client == nullptr) return;
  FakeSink& sink = seat->client->sink;
  for (const ServerFrame& frame : sink.TakeFrames()) {
    Expect(frame.kind_case() != ServerFrame::KIND_NOT_SET, "a frame of no kind");
    seat->answers.OnArrived(frame);
    if (!frame.has_connected()) continue;
    Expect(seat->inbox.empty(), "connected twice");
    seat->inbox = frame.connected().inbox();
  }
  Expect(sink.late_frames() == 0, "something behind a Close");
}

void SessionStage::TellInboxes() {
  std::vector<std::string> inboxes;
  for (const Seat& seat : seats_) {
    if (!seat.inbox.empty()) inboxes.push_back(seat.inbox);
  }
  commands_.set_inboxes(std::move(inboxes));
}

void SessionStage::Finish() {
  PretendOnLoop();
  for (Seat& seat : seats_) {
    if (seat.client == nullptr || seat.client->gone()) continue;
    seat.client->sink.Read(FakeSink::kUnlimited);
    seat.client->Uncork();
  }
  for (int turn = 0; turn < kTurnsToSettle; ++turn) Turn();
  passed_ = {};
  Pass(kLongTime);
  for (int turn = 0; turn < kTurnsToSettle; ++turn) Turn();
  for (Seat& seat : seats_) {
    if (seat.client == nullptr || seat.client->gone()) continue;
    Expect(seat.client->sink.unfinished_bytes() == 0, "half a frame");
    Expect(seat.client->waiting_frames() == 0, "a command that nobody takes");
    seat.answers.ExpectAllAnswered();
  }
  for (Seat& seat : seats_) seat.client.reset();
  for (int turn = 0; turn < kTurnsToSettle; ++turn) Turn();
  passed_ = {};
  Pass(kLongTime);
  for (uint32_t loop = 0; loop < cluster_->size(); ++loop) ExpectNothingLeft(loop);
  Expect(cluster_->totals.clients == 0, "clients are left in the totals");
  Expect(cluster_->totals.backlog_memory_bytes == 0, "memory of backlogs is left");
}

void SessionStage::ExpectNothingLeft(uint32_t loop) {
  broker::Shard& shard = cluster_->loop(loop).shard;
  Expect(shard.clients.All().empty(), "sessions are left");
  Expect(shard.router.index().subscribers() == 0, "subscriptions are left");
  Expect(shard.router.index().filters() == 0, "filters are left");
  Expect(shard.backlog_pool.messages() == 0 && shard.backlog_pool.bytes() == 0,
         "a backlog is left");
  Expect(shard.stream_readers.size() == 0, "readers of streams are left");
  Expect(shard.snapshots.size() == 0, "readers of last values are left");
  Expect(shard.client_inboxes.size() == 0, "inboxes are left");
  Expect(shard.wills.waiting() == 0, "wills are left");
  Expect(shard.flight_recorders.in_use() == 0, "flight recorders are left");
  Expect(shard.presence.home().topics() == 0, "topics with presence are left");
  Expect(shard.presence.reports().sessions() == 0, "sessions with presence are left");
  Expect(shard.presence.reports().waiting() == 0, "reports of presence are left");
  const broker::Metrics& metrics = shard.metrics;
  Expect(metrics.clients.value() == 0 && metrics.subscriptions.value() == 0, "still counted");
  Expect(metrics.groups.value() == 0 && metrics.group_members.value() == 0, "groups are left");
  Expect(metrics.presence_topics.value() == 0 && metrics.presence_members.value() == 0,
         "presence is left");
  for (const base::Counter& slow : metrics.slow_clients) Expect(slow.value() == 0, "still slow");
}

}  // namespace esockets::tests
