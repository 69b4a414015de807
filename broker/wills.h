// Last wills: what the broker publishes for clients that end without saying goodbye. One with a
// delay waits at the home of its client id, where a client that comes back is heard of first.
// Thread: the loop.
#ifndef BROKER_WILLS_H_
#define BROKER_WILLS_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/executor.h"
#include "base/on_loop.h"
#include "base/strings.h"
#include "broker/authenticator.h"
#include "broker/errors.h"
#include "broker/metrics.h"
#include "broker/parcel.h"
#include "broker/permissions/permission_policy.h"
#include "broker/siblings.h"
#include "broker/streams.h"
#include "broker/will.h"

namespace esockets::broker {

class Wills {
 public:
  // REQUIRES: all outlive this.
  // `authenticator`, `policy`: those of the settings in force.
  Wills(base::Executor* executor, Siblings* siblings, Streams* streams, Metrics* metrics,
        const std::shared_ptr<const Authenticator>* authenticator,
        const std::shared_ptr<const PermissionPolicy>* policy)
      : executor_(*executor),
        siblings_(*siblings),
        streams_(*streams),
        metrics_(*metrics),
        authenticator_(*authenticator),
        policy_(*policy) {}
  Wills(const Wills&) = delete;
  Wills& operator=(const Wills&) = delete;

  // Is one published of a session that ended so? Not if the client said goodbye, if it is there
  // again, or if it is the broker that leaves.
  static bool Holds(CloseCode code) {
    return code != CloseCode::kGoodbye && code != CloseCode::kTakenOver &&
           code != CloseCode::kShuttingDown;
  }

  // The session of this client has ended, and it holds. REQUIRES: not called within an offer.
  void OnEnded(std::string_view client_id, std::shared_ptr<const Will> will) ESOCKETS_ON_LOOP;

  // --- at the home of the client id

  void OnWill(const WillParcel& parcel) ESOCKETS_ON_LOOP;
  // This user's client connects, or tries to: it has not died.
  void OnClaim(std::string_view client_id, std::string_view user) ESOCKETS_ON_LOOP;

  size_t waiting() const { return waiting_.size(); }

 private:
  struct Waiting {
    std::shared_ptr<const Will> will;
    base::TimerId timer;
  };

  void Publish(const Will& will) ESOCKETS_ON_LOOP;

  base::Executor& executor_;
  Siblings& siblings_;
  Streams& streams_;
  Metrics& metrics_;
  const std::shared_ptr<const Authenticator>& authenticator_;
  const std::shared_ptr<const PermissionPolicy>& policy_;
  base::StringMap<Waiting> waiting_;  // by client id
  uint64_t waiting_bytes_ = 0;
};

}  // namespace esockets::broker

#endif  // BROKER_WILLS_H_
