// What is answered under which path: asks the broker's loops, and waits for them no longer than
// answer_timeout.
#ifndef GATEWAYS_HTTP_ADMIN_ROUTES_H_
#define GATEWAYS_HTTP_ADMIN_ROUTES_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/clock.h"
#include "base/executor.h"
#include "base/on_loop.h"
#include "base/work_pool.h"
#include "broker/authenticator.h"
#include "broker/local_authenticator.h"
#include "broker/permissions/permission_policy.h"
#include "broker/shard.h"
#include "gateways/http/admin_api.h"
#include "gateways/http/admin_rights.h"
#include "gateways/http/broker_loop.h"
#include "gateways/http/metrics_text.h"
#include "gateways/http/query.h"
#include "server/http/request_handler.h"

namespace esockets::http {

// Who may ask, and for what. Replaced as a whole.
struct AccessRules {
  std::vector<std::string> hosts;  // names under which the broker is reached, see ForeignOrigin
  std::shared_ptr<const broker::Authenticator> users =
      std::make_shared<broker::LocalAuthenticator>();
  std::shared_ptr<const broker::PermissionPolicy> permissions =
      std::make_shared<broker::PermissionPolicy>();
};

// What the routes lead to.
struct BrokerAccess {
  std::vector<BrokerLoop> loops;
  std::function<bool()> draining = [] { return false; };  // Thread: any
  base::WorkPool* pool = nullptr;                         // as of broker::Host
};

// Thread: the door's loop, which is none of the broker's.
class AdminRoutes final : public RequestHandler {
 public:
  // REQUIRES: `own_loop` and what `broker` names outlive the routes; the broker's loops have
  // stopped, or were never asked, when the routes are destroyed.
  AdminRoutes(base::Executor* own_loop, BrokerAccess broker, AccessRules rules,
              base::Duration answer_timeout);

  void Handle(const Request& request, Done done) override ESOCKETS_ON_LOOP;
  Response Refuse(Status status, std::string_view detail) const override;
  void Replace(AccessRules rules) ESOCKETS_ON_LOOP { rules_ = std::move(rules); }

 private:
  // A request whose answer some loops owe.
  struct Question {
    Done done;
    std::set<int> missing;  // loops
    base::TimerId timer;
  };

  // Answers what needs no right but to come from no foreign page. False: something else is asked
  // for.
  bool HandleProbe(const Request& request, const Target& target, const Done& done) ESOCKETS_ON_LOOP;
  void HandleKnown(const Request& request, const Target& target, const AdminRights& rights,
                   Done done) ESOCKETS_ON_LOOP;
  void HandleCall(const Request& request, const Target& target, const AdminRights& rights,
                  Done done) ESOCKETS_ON_LOOP;

  void AskReady(Done done) ESOCKETS_ON_LOOP;
  void Ask(const ApiCall& call, std::string payload, Done done) ESOCKETS_ON_LOOP;

  uint64_t Begin(Done done, std::set<int> loops) ESOCKETS_ON_LOOP;
  void OnReady(uint64_t number, int loop) ESOCKETS_ON_LOOP;
  void OnReply(uint64_t number, const ApiCall& call,
               const broker::AdminReply& reply) ESOCKETS_ON_LOOP;
  void OnTimeout(uint64_t number) ESOCKETS_ON_LOOP;
  void Finish(uint64_t number, Response response) ESOCKETS_ON_LOOP;

  base::Executor& own_loop_;
  const BrokerAccess broker_;
  const BrokerMetrics metrics_;
  const base::Duration answer_timeout_;
  AccessRules rules_ ESOCKETS_GUARDED_BY_LOOP;
  uint64_t last_number_ ESOCKETS_GUARDED_BY_LOOP = 0;
  absl::flat_hash_map<uint64_t, Question> questions_ ESOCKETS_GUARDED_BY_LOOP;
};

}  // namespace esockets::http

#endif  // GATEWAYS_HTTP_ADMIN_ROUTES_H_
