#include "broker/presence_reports.h"

#include <algorithm>

#include "base/check.h"
#include "broker/limits.h"
#include "broker/parcel.h"

namespace esockets::broker {

using Kind = PresenceChange::Kind;

void PresenceReports::Join(std::string_view topic, uint64_t session, Describe describe) {
  OfSession& of_session = sessions_[session];
  if (of_session.client == nullptr) {
    of_session.client = std::make_shared<const PresentClient>(describe());
  }
  ++of_session.topics;
  const auto& client = of_session.client;
  HomeOf(topic).waiting[{std::string(topic), client->client_id}].joined = client;
  PostAtTurnEnd();
}

void PresenceReports::Leave(std::string_view topic, uint64_t session) {
  const auto found = sessions_.find(session);
  ESOCKETS_CHECK(found != sessions_.end());
  const std::shared_ptr<const PresentClient> client = found->second.client;
  const bool may_come_back = found->second.lost;
  if (--found->second.topics == 0) sessions_.erase(found);

  Home& home = HomeOf(topic);
  const TopicAndClient key{std::string(topic), client->client_id};
  Waiting& waiting = home.waiting[key];
  if (waiting.joined == nullptr) {
    waiting.left = client;
    waiting.may_come_back = may_come_back;
  } else {
    // The home never hears that it was there. What it left before, it leaves as it left now.
    waiting.joined = nullptr;
    waiting.may_come_back = may_come_back;
    if (waiting.left == nullptr) home.waiting.erase(key);
  }
  PostAtTurnEnd();
}

void PresenceReports::OnLost(uint64_t session) {
  const auto found = sessions_.find(session);
  if (found != sessions_.end()) found->second.lost = true;
}

void PresenceReports::OnTaken(uint32_t home) {
  homes_[home].on_its_way = false;
  if (!homes_[home].waiting.empty()) PostAtTurnEnd();
}

void PresenceReports::PostAtTurnEnd() {
  if (std::exchange(posting_, true)) return;
  executor_.AtTurnEnd([this] {
    executor_.AssertOnLoop();
    posting_ = false;
    PostAll();
  });
}

// The answer may come within the call.
void PresenceReports::PostAll() {
  for (uint32_t loop = 0; loop < homes_.size(); ++loop) {
    Home& home = homes_[loop];
    if (home.on_its_way || home.waiting.empty()) continue;
    home.on_its_way = true;
    siblings_.Post(loop, PresenceReportParcel{TakeSome(&home)});
  }
}

std::vector<PresenceChange> PresenceReports::TakeSome(Home* home) {
  std::vector<PresenceChange> report;
  const auto begin = home->waiting.begin();
  auto end = begin;
  for (; end != home->waiting.end() && report.size() < kPresenceReportMax; ++end) {
    auto& [key, waiting] = *end;
    if (waiting.left != nullptr) {
      report.push_back(
          {waiting.may_come_back ? Kind::kLost : Kind::kLeft, key.first, std::move(waiting.left)});
    }
    if (waiting.joined != nullptr) {
      report.push_back({Kind::kJoined, key.first, std::move(waiting.joined)});
    }
  }
  home->waiting.erase(begin, end);
  // Room that a storm has made is given back.
  if (home->waiting.empty()) home->waiting = {};
  return report;
}

size_t PresenceReports::waiting() const {
  size_t sum = 0;
  for (const Home& home : homes_) sum += home.waiting.size();
  return sum;
}

size_t PresenceReports::on_their_way() const {
  return static_cast<size_t>(std::count_if(homes_.begin(), homes_.end(),
                                           [](const Home& home) { return home.on_its_way; }));
}

}  // namespace esockets::broker
