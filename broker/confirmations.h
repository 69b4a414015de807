// Publishers that asked what became of a message: the loop that took it waits for the sum of every
// loop that had somebody for it; each loop keeps receipts of its own. Thread: the loop.
#ifndef BROKER_CONFIRMATIONS_H_
#define BROKER_CONFIRMATIONS_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>

#include "absl/container/flat_hash_map.h"
#include "base/clock.h"
#include "base/executor.h"
#include "base/on_loop.h"
#include "base/ref_counted.h"
#include "broker/delivery_receipt.h"
#include "broker/messages.h"
#include "broker/parcel.h"
#include "broker/session_sink.h"
#include "broker/siblings.h"

namespace esockets::broker {

class Confirmations {
 public:
  // REQUIRES: both outlive this.
  Confirmations(base::Executor* executor, Siblings* siblings)
      : executor_(*executor), siblings_(*siblings) {}
  Confirmations(const Confirmations&) = delete;
  Confirmations& operator=(const Confirmations&) = delete;

  // --- the loop that took the message

  // May the session ask once more?
  bool HasRoom(uint64_t session) const;
  // To be published with the message. It is answered when as many loops as it is expected of have,
  // or their time is over.
  ConfirmAsk Ask(uint64_t session, uint64_t request_id, base::Duration time) ESOCKETS_ON_LOOP;
  struct Answer {
    uint64_t session = 0;  // 0: not complete yet
    uint64_t request_id = 0;
    Delivery delivery;
    Stored stored;
  };
  // `number`: of the ask.
  Answer Expect(uint64_t number, uint32_t loops, const Stored& stored = {}) ESOCKETS_ON_LOOP;
  // It was refused. What loops still say of it is not listened to.
  void Forget(uint64_t number) ESOCKETS_ON_LOOP;
  Answer OnDelivery(const DeliveryParcel& parcel) ESOCKETS_ON_LOOP;

  // --- each loop that it reaches

  // A receipt for that many clients, to be told to the loop that asks when it is settled.
  base::RefPtr<DeliveryReceipt> Open(const ConfirmAsk& ask, size_t matched) ESOCKETS_ON_LOOP;

  // By session id; null: it has gone.
  using FindSink = std::function<const SessionSink*(uint64_t session)>;
  // REQUIRED before the first Open.
  void set_find_sink(FindSink find_sink) { find_sink_ = std::move(find_sink); }

 private:
  struct Waiting {
    uint64_t session;
    uint64_t request_id;
    uint32_t answers = 0;              // of loops
    std::optional<uint32_t> expected;  // nothing: the loop that stores it has not said yet
    Delivery delivery;
    Stored stored;
  };
  using WaitingByNumber = absl::flat_hash_map<uint64_t, Waiting>;

  Answer TakeIfComplete(WaitingByNumber::iterator waiting);
  void Erase(WaitingByNumber::iterator waiting);
  struct Opened {
    ConfirmAsk ask;
    base::TimePoint deadline;
    base::RefPtr<DeliveryReceipt> receipt;
  };

  void LookIn(base::Duration pause) ESOCKETS_ON_LOOP;
  void LookAtAll() ESOCKETS_ON_LOOP;

  base::Executor& executor_;
  Siblings& siblings_;
  FindSink find_sink_;
  uint64_t last_number_ = 0;
  WaitingByNumber waiting_;
  absl::flat_hash_map<uint64_t, uint32_t> of_session_;  // how many wait
  std::list<Opened> opened_;
  uint64_t opened_clients_ = 0;  // of all receipts
  base::Duration pause_{};       // until the next look
  base::TimerId timer_;
};

}  // namespace esockets::broker

#endif  // BROKER_CONFIRMATIONS_H_
