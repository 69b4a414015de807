// Hands messages to the other loops that want them, each message once, all those of a turn in one
// batch; and keeps what is on its way within a credit. Thread: the loop.
#ifndef BROKER_EXCHANGE_H_
#define BROKER_EXCHANGE_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/executor.h"
#include "base/on_loop.h"
#include "broker/message_batch.h"
#include "broker/messages.h"
#include "broker/metrics.h"
#include "broker/siblings.h"

namespace esockets::broker {

class Exchange {
 public:
  // `bytes_max`: Limits::exchange_bytes_max, the same on all loops. REQUIRES: all outlive the
  // exchange.
  Exchange(base::Executor* executor, Siblings* siblings, Metrics* metrics, uint64_t bytes_max);
  Exchange(const Exchange&) = delete;
  Exchange& operator=(const Exchange&) = delete;

  // --- towards the others

  // Copies the messages for these loops (a bit for each). They are posted when the turn ends, or at
  // Flush.
  void Forward(const Messages& messages, uint64_t loops) ESOCKETS_ON_LOOP;
  // ... for the loop that is home to their topic: it says to whom they go from there.
  void ForwardHome(Messages messages, uint32_t home) ESOCKETS_ON_LOOP {
    messages.to_home = true;
    Forward(messages, uint64_t{1} << home);
  }

  // Posts what was forwarded so far.
  void Flush() ESOCKETS_ON_LOOP;

  // The credit of one of these loops is used up: `session` is to be paused, and is among those that
  // TakeResumed returns when there is credit again. False: it may go on.
  bool WaitForCredit(uint64_t loops, uint64_t session) ESOCKETS_ON_LOOP;

  // A loop has routed so many bytes. Returns the sessions that may go on.
  std::vector<uint64_t> OnCredit(uint32_t from, const CreditParcel& credit) ESOCKETS_ON_LOOP;

  // --- from the others

  // So much of that loop's batches is routed: gives the credit back. For what was stored here, when
  // no loop is behind with what it is sent from here: so those who publish to a stream wait, and
  // not its home.
  struct Routed {
    uint64_t bytes = 0;          // of all
    uint64_t stored_bytes = 0;   // that had been stored by that loop
    uint64_t to_home_bytes = 0;  // that are stored here now
  };
  void OnRouted(uint32_t from, const Routed& routed) ESOCKETS_ON_LOOP;

 private:
  // To one loop.
  struct Lane {
    uint64_t bytes = 0;             // handed over, and not known to be routed
    uint64_t stored_bytes = 0;      // of these, what was stored here before
    CreditParcel owed{};            // received from there and routed, and not said yet
    uint64_t held_bytes = 0;        // stored here, and not to be said yet
    std::vector<uint64_t> waiting;  // sessions
  };

  // That is only ever given back at once: whoever waits for it does not wait for himself.
  bool IsBehind(const Lane& lane) const { return lane.stored_bytes >= bytes_max_; }
  void Owe(uint32_t to, const CreditParcel& credit) ESOCKETS_ON_LOOP;
  void ReleaseHeld() ESOCKETS_ON_LOOP;

  void BeginBatch() ESOCKETS_ON_LOOP;

  base::Executor& executor_;
  Siblings& siblings_;
  Metrics& metrics_;
  const uint64_t bytes_max_;
  std::vector<Lane> lanes_;  // by loop
  std::shared_ptr<MessageBatch> batch_;
  MessageBatch::Size room_;   // that the next one begins with
  uint64_t batch_loops_ = 0;  // that any message of the batch is for
};

}  // namespace esockets::broker

#endif  // BROKER_EXCHANGE_H_
