// How all filters are asked for again on a new connection, so that nothing of a stream is missed
// and nothing comes twice.
//
// Messages do not say which filter they came for. Two filters with topics in common that read from
// their stream at once would bring the same messages at different times, and nobody could tell what
// is still to come for one of them. So of filters that cover each other only the widest reads, for
// all of them; the others ride on it and hear what is published. Groups read no streams.
#ifndef CLIENTS_CPP_RESUMPTION_H_
#define CLIENTS_CPP_RESUMPTION_H_

#include <vector>

#include "clients/cpp/dispatcher.h"
#include "clients/cpp/start.h"
#include "clients/cpp/subscription_name.h"

namespace esockets::client {

struct Resumption {
  SubscriptionName name;
  Start start{};
  // Another one reads for it.
  bool rides = false;
  // Those for which it reads.
  std::vector<SubscriptionName> riders{};
};

// In the order in which to ask: those that ride first, so that what is published meanwhile is read,
// too.
std::vector<Resumption> PlanResumptions(const Dispatcher& dispatcher);

}  // namespace esockets::client

#endif  // CLIENTS_CPP_RESUMPTION_H_
