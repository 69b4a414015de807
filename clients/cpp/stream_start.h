// What the broker says of a subscription: where it begins in a stream, and what comes first.
#ifndef CLIENTS_CPP_STREAM_START_H_
#define CLIENTS_CPP_STREAM_START_H_

#include <cstdint>
#include <optional>
#include <string>

#include "clients/cpp/overflow.h"

namespace esockets::client {

struct StreamStart {
  // Of the subscription.
  std::string filter{};
  // Of the stream.
  std::string name{};
  // Positions count within it: another epoch is another stream, after a restart of the broker.
  uint64_t epoch = 0;
  // What comes is behind it. With the epoch, and until a message tells a later one, it is where to
  // begin again: Start::AfterPosition.
  uint64_t position = 0;
  // All that was asked for is there. False: some of it is not any more, or the epoch is another.
  bool recovered = false;
  // The contract that holds. Under kConflate positions do not rise.
  Overflow overflow = Overflow::kDefault;
};

// How a subscription begins.
struct Beginning {
  // Nothing: its filter is within no stream.
  std::optional<StreamStart> stream{};
  // Last values come first, and then on_snapshot_end.
  bool last_values = false;
};

}  // namespace esockets::client

#endif  // CLIENTS_CPP_STREAM_START_H_
