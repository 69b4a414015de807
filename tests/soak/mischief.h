// What a client that is connected may do wrong, too much of, or right: frames, at random.
#ifndef TESTS_SOAK_MISCHIEF_H_
#define TESTS_SOAK_MISCHIEF_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "proto/esockets.pb.h"
#include "tests/soak/dice.h"

namespace esockets::soak {

class Mischief {
 public:
  explicit Mischief(Dice* dice) : dice_(*dice) {}

  // A new connection: ids begin anew.
  void Begin(std::string inbox) { last_id_ = 0, inbox_ = std::move(inbox); }
  void set_inbox(std::string inbox) { inbox_ = std::move(inbox); }

  // Some frames of one kind.
  std::string Some();
  // A subscription to topics that others fill.
  std::string SubscribeToHot();
  // To what is permitted in some versions of the premises alone; *id: of the request.
  std::string SubscribeToFickle(uint64_t* id);

 private:
  std::string Flood();
  std::string Resubscribe();
  std::string Overlap();
  std::string Denied();
  std::string Groups();
  std::string Presence();
  std::string Requests();
  std::string ReadStream();
  std::string LastValues();
  std::string NonsenseRequests();
  std::string Subscribe(std::string_view filter);
  std::string RandomFilter();
  uint64_t NextId() { return ++last_id_; }

  Dice& dice_;
  uint64_t last_id_ = 0;
  std::string inbox_;
};

}  // namespace esockets::soak

#endif  // TESTS_SOAK_MISCHIEF_H_
