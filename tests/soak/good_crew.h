// All the well-behaved of one round, spread over the transports.
#ifndef TESTS_SOAK_GOOD_CREW_H_
#define TESTS_SOAK_GOOD_CREW_H_

#include <memory>
#include <string>
#include <vector>

#include "tests/soak/board.h"
#include "tests/soak/good_client.h"
#include "tests/soak/last_value_reader.h"
#include "tests/soak/publisher.h"
#include "tests/soak/readers.h"
#include "tests/soak/requests.h"
#include "tests/soak/room_member.h"
#include "tests/soak/stage.h"
#include "tests/soak/workers.h"

namespace esockets::soak {

class GoodCrew {
 public:
  GoodCrew(Stage* stage, uint64_t round);

  // Returns when all are connected and subscribed, and begin to publish. A promise is broken if
  // that does not come.
  void Begin();
  // No more is published; returns when all has come, and judges what has not.
  void Finish();
  // They say goodbye.
  void Leave();
  size_t size() const { return clients_.size(); }

 private:
  template <typename T>
  T* Add(std::unique_ptr<T> client);
  template <typename T>
  T* AddReader(std::unique_ptr<T> reader);
  GoodClient::Options Named(std::string_view kind, bool pauses = false);
  void AddPublishers();
  void AddReaders();
  void AddGroups();
  void AddRequesters();
  void AddRoom();
  bool AllAre(bool (GoodClient::*what)() const) const;
  std::string NamesOfIncomplete() const;

  Stage& stage_;
  Board board_;
  std::unique_ptr<GroupBook> jobs_;
  std::unique_ptr<GroupBook> keyed_;
  std::vector<std::unique_ptr<GoodClient>> clients_;
  std::vector<Publisher*> publishers_;
  std::vector<Requester*> requesters_;
  std::vector<StreamReader*> stream_readers_;
  std::vector<LastValueReader*> last_value_readers_;
  std::vector<RoomMember*> room_;
  std::vector<Reader*> readers_;  // these and all others
};

}  // namespace esockets::soak

#endif  // TESTS_SOAK_GOOD_CREW_H_
