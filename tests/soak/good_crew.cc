#include "tests/soak/good_crew.h"

#include <array>
#include <set>
#include <utility>

#include "base/strings.h"

namespace esockets::soak {
namespace {

// What is promised is promised for some time; this is when it is given up.
constexpr std::chrono::seconds kPatience{120};

constexpr int kPublishers = 6;
constexpr int kLiteralReaders = 8;
constexpr int kWildcardReaders = 4;
constexpr int kStreamReaders = 5;
constexpr int kLastValueReaders = 3;
constexpr int kWorkers = 4;
constexpr int kRequesters = 2;
constexpr int kRoomMembers = 3;
constexpr int kWatchers = 2;

constexpr std::array kVias = {Via::kTcp,  Via::kWebSocket, Via::kTls13,
                              Via::kUnix, Via::kTls12,     Via::kDeflatedWebSocket};

// So small that who pauses is behind soon.
constexpr int kSmallBufferBytes = 16 << 10;

}  // namespace

GoodCrew::GoodCrew(Stage* stage, uint64_t round) : stage_(*stage), board_(round) {
  AddPublishers();
  AddReaders();
  AddGroups();
  AddRequesters();
  AddRoom();
}

template <typename T>
T* GoodCrew::Add(std::unique_ptr<T> client) {
  T* const added = client.get();
  clients_.push_back(std::move(client));
  return added;
}

template <typename T>
T* GoodCrew::AddReader(std::unique_ptr<T> reader) {
  T* const added = Add(std::move(reader));
  readers_.push_back(added);
  return added;
}

GoodClient::Options GoodCrew::Named(std::string_view kind, bool pauses) {
  const size_t number = clients_.size();
  return {.name = base::StrCat(kind, "-", number),
          .via = kVias[number % kVias.size()],
          .receive_buffer_bytes = pauses ? kSmallBufferBytes : 0};
}

void GoodCrew::AddPublishers() {
  for (int i = 0; i < kPublishers; ++i) {
    std::vector<std::string> topics;
    for (const std::string_view kind : {"good/", "kept/", "state/", "jobs/", "keyed/"}) {
      topics.push_back(base::StrCat(kind, i));
    }
    if (i == 0) topics.emplace_back("secret/0");
    if (i < 3) topics.push_back(base::StrCat("hot/", i));
    publishers_.push_back(
        Add(std::make_unique<Publisher>(&stage_, &board_, Named("publisher"), std::move(topics))));
  }
}

void GoodCrew::AddReaders() {
  for (int i = 0; i < kLiteralReaders + kWildcardReaders; ++i) {
    const bool pauses = i % 4 != 0;
    if (i < kLiteralReaders) {
      AddReader(std::make_unique<LiteralReader>(&stage_, &board_, Named("literal", pauses), pauses,
                                                "good/"));
    } else {
      AddReader(std::make_unique<WildcardReader>(&stage_, &board_, Named("wildcard", pauses),
                                                 pauses, "good/"));
    }
  }
  for (int i = 0; i < kStreamReaders; ++i) {
    stream_readers_.push_back(AddReader(std::make_unique<StreamReader>(
        &stage_, &board_, Named("stream", i % 2 == 1), i % 2 == 1, i > 0 && i % 2 == 0)));
  }
  for (int i = 0; i < kLastValueReaders; ++i) {
    last_value_readers_.push_back(AddReader(std::make_unique<LastValueReader>(
        &stage_, &board_, Named("last"), i == 0 ? OVERFLOW_CONFLATE : OVERFLOW_DROP_OLDEST)));
  }
  for (int i = 0; i < kWatchers; ++i) {
    AddReader(std::make_unique<Watcher>(&stage_, &board_, Named("watcher")));
  }
}

void GoodCrew::AddGroups() {
  jobs_ = std::make_unique<GroupBook>(&board_, "jobs/");
  keyed_ = std::make_unique<GroupBook>(&board_, "keyed/");
  for (int i = 0; i < kWorkers; ++i) {
    const bool pauses = i % 2 == 1;
    AddReader(std::make_unique<Worker>(&stage_, &board_, Named("worker", pauses), pauses, "jobs/",
                                       jobs_.get()));
    AddReader(std::make_unique<Worker>(&stage_, &board_, Named("keyed", pauses), pauses, "keyed/",
                                       keyed_.get()));
  }
}

void GoodCrew::AddRequesters() {
  for (int i = 0; i < kRequesters; ++i) {
    const Replier* replier = Add(std::make_unique<Replier>(&stage_, Named("replier")));
    requesters_.push_back(AddReader(
        std::make_unique<Requester>(&stage_, &board_, Named("requester"), replier->topic())));
  }
}

void GoodCrew::AddRoom() {
  std::vector<GoodClient::Options> options;
  std::set<std::string> names;
  for (int i = 0; i < kRoomMembers; ++i) {
    options.push_back(Named("member"));
    options.back().name += base::StrCat("-", i);
    names.insert(options.back().name);
  }
  for (const GoodClient::Options& member : options) {
    room_.push_back(AddReader(std::make_unique<RoomMember>(&stage_, &board_, member, names)));
  }
}

bool GoodCrew::AllAre(bool (GoodClient::*what)() const) const {
  for (const auto& client : clients_) {
    if (!(client.get()->*what)()) return false;
  }
  return true;
}

void GoodCrew::Begin() {
  for (const auto& client : clients_) client->Join();
  if (!stage_.poller.TurnUntil([this] { return AllAre(&GoodClient::is_settled); }, kPatience)) {
    stage_.promises.Broken(Promise::kStays, "not all were connected and subscribed in time");
  }
  for (Publisher* publisher : publishers_) publisher->Begin();
  for (Requester* requester : requesters_) requester->Begin();
}

std::string GoodCrew::NamesOfIncomplete() const {
  std::string names;
  for (const auto& client : clients_) {
    if (!client->is_settled()) base::StrAppend(&names, " ", client->name(), " (unanswered)");
  }
  return names;
}

void GoodCrew::Finish() {
  for (Publisher* publisher : publishers_) publisher->Stop();
  for (Requester* requester : requesters_) requester->Stop();
  for (StreamReader* reader : stream_readers_) reader->Stay();
  for (LastValueReader* reader : last_value_readers_) reader->Stay();
  for (Reader* reader : readers_) reader->Attend();
  if (!stage_.poller.TurnUntil([this] { return AllAre(&GoodClient::is_settled); }, kPatience)) {
    stage_.promises.Broken(Promise::kPublished, "no answer came to:" + NamesOfIncomplete());
  }
  for (RoomMember* member : room_) {
    if (member->is_connected()) member->AskForRoster();
  }
  const auto all_came = [this] {
    for (const Reader* reader : readers_) {
      if (!reader->IsComplete() && !reader->is_gone()) return false;
    }
    return true;
  };
  stage_.poller.TurnUntil(all_came, kPatience);
  for (Reader* reader : readers_) reader->Finish();
}

void GoodCrew::Leave() {
  for (const auto& client : clients_) client->Leave();
  if (!stage_.poller.TurnUntil([this] { return AllAre(&GoodClient::is_gone); }, kPatience)) {
    stage_.promises.Broken(Promise::kStays, "not everybody's Disconnect was answered");
  }
}

}  // namespace esockets::soak
