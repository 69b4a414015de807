// A filter of the index, its text stored once, with everybody who subscribed to it.
#ifndef BROKER_INDEXED_FILTER_H_
#define BROKER_INDEXED_FILTER_H_

#include <string_view>

#include "base/strings.h"
#include "broker/subscriber_list.h"
#include "broker/text_object.h"

namespace esockets::broker {

struct IndexedFilter final : TextObject<IndexedFilter> {
  using KeyHash = base::StringHash;

  std::string_view key() const { return text(); }

  SubscriberList subscribers;
};
static_assert(sizeof(IndexedFilter) == 12, "with a text of up to 20 bytes, 32 bytes");

}  // namespace esockets::broker

#endif  // BROKER_INDEXED_FILTER_H_
