// Publishes numbered messages to its own topics, and waits for the answer to each.
#ifndef TESTS_SOAK_PUBLISHER_H_
#define TESTS_SOAK_PUBLISHER_H_

#include <string>
#include <vector>

#include "tests/soak/board.h"
#include "tests/soak/good_client.h"

namespace esockets::soak {

class Publisher final : public GoodClient {
 public:
  Publisher(Stage* stage, Board* board, Options options, std::vector<std::string> topics);

  // From when it is connected until Stop.
  void Begin();
  void Stop() { is_stopped_ = true; }

 private:
  void OnMessage(const proto::MessageView& message) override;
  void PublishSome();
  void PublishOne(const std::string& topic);
  void OnPublished(const std::string& topic, uint64_t number, const Published& published);

  Board& board_;
  const std::vector<std::string> topics_;
  bool is_stopped_ = false;
};

}  // namespace esockets::soak

#endif  // TESTS_SOAK_PUBLISHER_H_
