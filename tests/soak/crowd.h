// All clients that misbehave.
#ifndef TESTS_SOAK_CROWD_H_
#define TESTS_SOAK_CROWD_H_

#include <algorithm>
#include <cstddef>
#include <memory>
#include <vector>

#include "tests/soak/bad_client.h"
#include "tests/soak/stage.h"

namespace esockets::soak {

class Crowd {
 public:
  Crowd(Stage* stage, size_t clients) {
    for (size_t i = 0; i < clients; ++i) {
      clients_.push_back(std::make_unique<BadClient>(stage, i));
    }
  }
  void Start() {
    for (const auto& client : clients_) client->Start();
  }
  void Stop() {
    for (const auto& client : clients_) client->Stop();
  }
  // With a connection now.
  size_t connections() const {
    return static_cast<size_t>(
        std::ranges::count_if(clients_, [](const auto& client) { return !client->is_gone(); }));
  }

 private:
  std::vector<std::unique_ptr<BadClient>> clients_;
};

}  // namespace esockets::soak

#endif  // TESTS_SOAK_CROWD_H_
