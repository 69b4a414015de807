// Which of a client's subscriptions a message is for: the same rules as the broker's.
#ifndef CLIENTS_CPP_DISPATCHER_H_
#define CLIENTS_CPP_DISPATCHER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/strings.h"
#include "clients/cpp/filter_entry.h"
#include "clients/cpp/message.h"
#include "clients/cpp/options.h"

namespace esockets::client {

// Filters without wildcards are found by hash; those with are walked. Thread: the loop. REQUIRES:
// not changed within Dispatch.
class Dispatcher {
 public:
  void Add(std::string_view filter, const SubscribeOptions& options, Subscribed subscribed);

  // Null when it is not there. `last`: the filter has no subscriber left, and is gone.
  std::shared_ptr<Subscriber> Remove(std::string_view filter, uint64_t id, bool* last);

  // The filter with all its subscribers.
  FilterEntry RemoveAll(std::string_view filter);

  // Gives the message to every subscriber that it is for; returns their number.
  size_t Dispatch(const MessageView& message);

  // Null when nobody subscribes to it.
  const FilterEntry* Find(std::string_view filter) const;
  FilterEntry* Find(std::string_view filter);

  // Other filters, which have topics in common with this one.
  std::vector<FilterEntry*> Overlapping(std::string_view filter);

  // In no order.
  std::vector<std::string> Filters() const;

 private:
  using Entries = base::StringMap<FilterEntry>;

  Entries& EntriesOf(std::string_view filter);

  Entries literals_;
  Entries wildcards_;
};

}  // namespace esockets::client

#endif  // CLIENTS_CPP_DISPATCHER_H_
