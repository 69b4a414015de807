// By which number a client's class goes. Thread: any.
#ifndef BROKER_CLASS_NUMBER_H_
#define BROKER_CLASS_NUMBER_H_

#include <cstddef>
#include <cstdint>

namespace esockets::broker {

// From 1; 0: a client that is in no class. A class keeps its number when the configuration is
// reloaded, because what it has published is kept under it.
using ClassNumber = uint8_t;
inline constexpr size_t kClassNumbers = 256;

}  // namespace esockets::broker

#endif  // BROKER_CLASS_NUMBER_H_
