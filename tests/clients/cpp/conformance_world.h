// What the scenarios of the conformance test share: a broker that can be killed, and what a client
// tells, to be waited for.
#ifndef TESTS_CLIENTS_CPP_CONFORMANCE_WORLD_H_
#define TESTS_CLIENTS_CPP_CONFORMANCE_WORLD_H_

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "app/broker_server.h"
#include "clients/cpp/client.h"

namespace esockets::client {

// Only what waits for ever is stopped by it.
inline constexpr base::Duration kPatience = std::chrono::seconds(60);

// Has a stream of chat/#, last values of state/+ and presence of room/+, and stamps publishers.
class World {
 public:
  explicit World(app::BrokerOptions options = {});

  void StartBroker();
  void KillBroker() { broker_.reset(); }
  // Every connection there is.
  void CutConnections();
  app::BrokerServer& broker() { return *broker_; }

  // Come back at once.
  ClientOptions options() const;
  // A failure of the test, and null, when it cannot.
  std::unique_ptr<Client> Connect(ClientEvents events = {}) const {
    return Connect(options(), std::move(events));
  }
  static std::unique_ptr<Client> Connect(ClientOptions options, ClientEvents events = {});

 private:
  app::BrokerOptions options_;
  std::unique_ptr<app::BrokerServer> broker_;
};

// Lines: "connected" and the other states, "gap FILTER", "snapshot FILTER", "resumed FILTER",
// "close CODE", "go away CODE", "error CODE", and whatever a test notes. Thread: any.
class Diary {
 public:
  ClientEvents events();
  // Of a client whose callbacks take their messages down: "TOPIC=PAYLOAD".
  MessageCallback Pen();
  void Note(std::string line);

  // Waits for `line`, and forgets all up to it.
  bool Await(const std::string& line);
  // Waits until so many lines are there, and takes them all.
  std::vector<std::string> AwaitLines(size_t count);

  // The last that was told.
  StreamStart resumed();
  BrokerError close();
  // The same; OK where no connection has failed or ended.
  absl::Status reason();

 private:
  template <typename T>
  void Keep(T* kept, const T& told) {
    const std::lock_guard lock(mutex_);
    *kept = told;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::deque<std::string> lines_;
  StreamStart resumed_;
  BrokerError close_;
  absl::Status reason_;
};

}  // namespace esockets::client

#endif  // TESTS_CLIENTS_CPP_CONFORMANCE_WORLD_H_
