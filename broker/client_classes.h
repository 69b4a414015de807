// Clients for which other limits hold than for all: by who they are, and where they came in.
#ifndef BROKER_CLIENT_CLASSES_H_
#define BROKER_CLIENT_CLASSES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "broker/auth/client_selector.h"
#include "broker/class_number.h"
#include "broker/limits.h"

namespace esockets::broker {

// What is kept of all that the clients of a class publish, in each stream and of each kind of last
// values; 0: as much as of all.
struct KeptLimits {
  // The oldest of theirs go.
  uint64_t stream_messages_max = 0;
  uint64_t stream_bytes_max = 0;  // of frames, with what is kept for each
  // One more is refused.
  uint64_t last_value_topics_max = 0;  // of which the last value is theirs
  uint64_t last_value_bytes_max = 0;   // as above
};

struct ClientClass {
  std::string name;  // unique
  ClientSelector who;
  std::vector<size_t> listeners;  // by their number; none: all of them
  uint32_t clients_max = 0;       // of this class at once; 0: as many as there may be
  Limits limits;                  // those of all, and its own instead of some
  KeptLimits kept{};
};

inline constexpr size_t kClientClassesMax = 100;

// The first that fits is a client's class.
class ClientClasses {
 public:
  ClientClasses() : ClientClasses(std::vector<ClientClass>()) {}
  // Numbered in this order. REQUIRES: at most kClientClassesMax.
  explicit ClientClasses(std::vector<ClientClass> classes);

  // Those of these names have the numbers that they had before, and no other class gets one that
  // was used there.
  void KeepNumbersOf(const ClientClasses& before);

  ClassNumber Of(const Identity& identity, size_t listener) const;
  // Null: it is 0, or of a class that there is no more.
  const ClientClass* Find(ClassNumber number) const {
    return places_[number] == kNowhere ? nullptr : &classes_[places_[number]];
  }
  // Of one of all().
  ClassNumber NumberOf(const ClientClass& one) const {
    return numbers_[static_cast<size_t>(&one - classes_.data())];
  }
  const std::vector<ClientClass>& all() const { return classes_; }

 private:
  static constexpr uint8_t kNowhere = 255;
  static_assert(kClientClassesMax < kNowhere && 2 * kClientClassesMax < kClassNumbers);

  void Number(size_t place, ClassNumber number) {
    numbers_[place] = number;
    places_[number] = static_cast<uint8_t>(place);
  }

  std::vector<ClientClass> classes_;
  std::vector<ClassNumber> numbers_;  // by place
  std::array<uint8_t, kClassNumbers> places_;
  ClassNumber last_number_ = 0;  // that was given to a new class
};

}  // namespace esockets::broker

#endif  // BROKER_CLIENT_CLASSES_H_
