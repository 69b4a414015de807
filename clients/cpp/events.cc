#include "clients/cpp/events.h"

namespace esockets::client {

std::string_view StateName(State state) {
  switch (state) {
    case State::kConnecting:
      return "connecting";
    case State::kConnected:
      return "connected";
    case State::kWaiting:
      return "waiting";
    case State::kClosed:
      return "closed";
  }
  return "unknown";
}

}  // namespace esockets::client
