// Is in a room, and watches who comes and goes there.
#ifndef TESTS_SOAK_ROOM_MEMBER_H_
#define TESTS_SOAK_ROOM_MEMBER_H_

#include <set>
#include <string>

#include "tests/soak/board.h"
#include "tests/soak/good_client.h"
#include "tests/soak/readers.h"

namespace esockets::soak {

class RoomMember final : public Reader {
 public:
  // `members`: client ids of all well-behaved members.
  RoomMember(Stage* stage, const Board* board, Options options, std::set<std::string> members)
      : Reader(stage, board, std::move(options), false), members_(std::move(members)) {}

  // Asks who is there until it is those alone.
  void AskForRoster();
  bool IsComplete() const override { return has_right_roster_; }
  void Finish() override;

 private:
  void OnConnected(const Connected& connected) override;
  void OnMessage(const proto::MessageView& message) override;
  void OnGap(const Gap& /*gap*/) override {}
  void OnUpdate(std::string_view payload);
  void OnRoster(std::string_view payload);

  const std::set<std::string> members_;
  std::string inbox_;
  std::string last_roster_ = "no roster";
  bool has_right_roster_ = false;
};

}  // namespace esockets::soak

#endif  // TESTS_SOAK_ROOM_MEMBER_H_
