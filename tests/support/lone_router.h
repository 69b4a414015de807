// A router on the only loop of its broker, with all that it stands on and no sessions: for tests
// and benchmarks that bring outboxes of their own.
#ifndef TESTS_SUPPORT_LONE_ROUTER_H_
#define TESTS_SUPPORT_LONE_ROUTER_H_

#include "broker/backlog.h"
#include "broker/broker_totals.h"
#include "broker/confirmations.h"
#include "broker/limits.h"
#include "broker/metrics.h"
#include "broker/outbox.h"
#include "broker/router.h"
#include "broker/siblings.h"
#include "broker/wire_form.h"
#include "tests/support/sim_executor.h"

namespace esockets::tests {

class LoneRouter {
 protected:
  // The form may be made later: it is not looked at before something is published.
  explicit LoneRouter(broker::WireForm* form, const broker::Limits& limits = {})
      : limits_(limits),
        context_{&pool_, &metrics_, &limits_, form, &executor_},
        router_(&executor_, form, &metrics_, &siblings_, &context_, &confirmations_,
                limits.exchange_bytes_max) {}
  ~LoneRouter() = default;

  SimExecutor executor_;
  broker::Metrics metrics_;
  broker::Limits limits_;
  broker::BrokerTotals totals_;
  broker::BacklogPool pool_{&totals_};
  const broker::OutboxContext context_;
  broker::Siblings siblings_{0, 1, nullptr};
  broker::Confirmations confirmations_{&executor_, &siblings_};
  broker::Router router_;
};

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_LONE_ROUTER_H_
