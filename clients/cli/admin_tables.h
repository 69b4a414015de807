// The broker's answers as tables for people.
#ifndef CLIENTS_CLI_ADMIN_TABLES_H_
#define CLIENTS_CLI_ADMIN_TABLES_H_

#include <string>

#include "proto/admin.pb.h"

namespace esockets::cli {

// What waits for a client stands where it waits: QUEUE in the broker's send queue, KERNEL unsent in
// the kernel, BACKLOG in messages that its contract governs.
std::string ClientsTable(const admin::Clients& clients);
std::string SubscriptionsTable(const admin::Subscriptions& subscriptions);
std::string MetricsTable(const admin::Metrics& metrics, bool all);
std::string InfoText(const admin::Info& info);

// "45s", "12m", "3h 20m", "5d 4h".
std::string Age(uint64_t millis);
// The same, finer below 10 seconds: "340ms", "3.4s".
std::string Elapsed(uint64_t millis);

}  // namespace esockets::cli

#endif  // CLIENTS_CLI_ADMIN_TABLES_H_
