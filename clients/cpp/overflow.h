// What is lost when this client cannot keep up.
#ifndef CLIENTS_CPP_OVERFLOW_H_
#define CLIENTS_CPP_OVERFLOW_H_

namespace esockets::client {

enum class Overflow {
  kDefault,     // the broker's setting
  kDropOldest,  // the newest messages are kept, a Gap stands for those that were not
  kDropNewest,  // the oldest are kept, a Gap stands behind them
  kConflate,    // the latest of each topic and key is kept, one Gap tells how many it stands for
  kDisconnect,  // the connection is closed
  // Nothing is, while the stream has it: who is behind reads it there. For a filter within one.
  kReplay,
};

}  // namespace esockets::client

#endif  // CLIENTS_CPP_OVERFLOW_H_
