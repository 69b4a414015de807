// With what clients come back: tickets, and the keys that sign them.
#ifndef APP_PLAN_TICKETS_H_
#define APP_PLAN_TICKETS_H_

#include "absl/status/status.h"
#include "app/config.h"
#include "app/plan_options.h"

namespace esockets::app {

// Plans a ticket_key_file if there is none.
absl::Status PlanTickets(const Config& config, const Places& places, Plan* plan);

}  // namespace esockets::app

#endif  // APP_PLAN_TICKETS_H_
