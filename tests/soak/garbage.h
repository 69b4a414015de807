// Bytes that no client should send.
#ifndef TESTS_SOAK_GARBAGE_H_
#define TESTS_SOAK_GARBAGE_H_

#include <string>
#include <string_view>

#include "tests/soak/dice.h"

namespace esockets::soak {

// In the place of a first word: noise, words of other protocols, broken ones of ours.
std::string FirstWords(Dice* dice);

// Bytes with some of them changed, left out, or said twice.
std::string Mutated(std::string bytes, Dice* dice);

// A frame that says it is longer than anything may be, longer than it is, or empty.
std::string BrokenFrame(Dice* dice);

// Of WebSocket, behind an opening handshake that the broker takes.
std::string BrokenWebSocket(Dice* dice);

}  // namespace esockets::soak

#endif  // TESTS_SOAK_GARBAGE_H_
