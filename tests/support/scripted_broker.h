// A broker that says what a test has written, and otherwise only what it must: Connected, Subscribed
// to each Subscribe, and Pong as long as it is told to.
#ifndef TESTS_SUPPORT_SCRIPTED_BROKER_H_
#define TESTS_SUPPORT_SCRIPTED_BROKER_H_

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>

#include "proto/esockets.pb.h"
#include "server/unique_fd.h"

namespace esockets::tests {

struct BrokerScript {
  Connected connected{};
  // Frames, or whatever else, that follow Connected; and those behind the answer to the Subscribe
  // with this filter. Each on the first connection alone.
  std::string after_connected{};
  std::string filter{};
  std::string after_subscribed{};
  bool answers_pings = true;
};

// One connection at a time, each served until the client ends it. On 127.0.0.1.
class ScriptedBroker {
 public:
  explicit ScriptedBroker(BrokerScript script);
  ScriptedBroker(const ScriptedBroker&) = delete;
  ScriptedBroker& operator=(const ScriptedBroker&) = delete;
  ~ScriptedBroker();

  std::string address() const;

  // Waits for so many in all.
  void AwaitPings(uint64_t count);
  void AwaitConnections(uint64_t count);
  void StopAnsweringPings() { answers_pings_ = false; }

 private:
  void Run();
  void Serve(int fd);
  void Answer(int fd, const ClientFrame& frame);
  void Count(uint64_t* counter);
  void Await(const uint64_t& counter, uint64_t count);

  const BrokerScript script_;
  const server::UniqueFd listener_;
  std::atomic<bool> answers_pings_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  uint64_t pings_ = 0;
  uint64_t connections_ = 0;
  int serving_ = -1;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_SCRIPTED_BROKER_H_
