// Clients for which other limits hold than for all: by who they are, and where they came in.
#ifndef BROKER_CLIENT_CLASSES_H_
#define BROKER_CLIENT_CLASSES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "broker/auth/client_selector.h"
#include "broker/limits.h"

namespace esockets::broker {

struct ClientClass {
  std::string name;  // unique
  ClientSelector who;
  std::vector<size_t> listeners;  // by their number; none: all of them
  uint32_t clients_max = 0;       // of this class at once; 0: as many as there may be
  Limits limits;                  // those of all, and its own instead of some
};

// A client's class, by its number in the configuration from 1; 0: it is in none.
using ClassNumber = uint8_t;
inline constexpr size_t kClientClassesMax = 100;

// The first that fits is a client's class.
class ClientClasses {
 public:
  ClientClasses() = default;
  // REQUIRES: at most kClientClassesMax.
  explicit ClientClasses(std::vector<ClientClass> classes);

  ClassNumber Of(const Identity& identity, size_t listener) const;
  // Null: it is 0, or of a configuration that had more of them.
  const ClientClass* Find(ClassNumber number) const {
    return number == 0 || number > classes_.size() ? nullptr : &classes_[number - 1];
  }
  const std::vector<ClientClass>& all() const { return classes_; }

 private:
  std::vector<ClientClass> classes_;
};

}  // namespace esockets::broker

#endif  // BROKER_CLIENT_CLASSES_H_
