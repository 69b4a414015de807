// Everything that receives is a subscriber of the index: a session's subscription, a group that has
// its home here, or another loop.
#ifndef BROKER_SUBSCRIBER_H_
#define BROKER_SUBSCRIBER_H_

#include <cstdint>
#include <string_view>

namespace esockets::broker {

struct Subscriber {
  static constexpr uint16_t kNoLoop = 0xFFFF;
  static constexpr uint16_t kGroup = 0xFFFE;

  Subscriber() = default;
  explicit Subscriber(uint32_t of_loop) : loop(static_cast<uint16_t>(of_loop)) {}

  bool is_session() const { return loop == kNoLoop; }
  bool is_loop() const { return loop < kGroup; }
  bool is_group() const { return loop == kGroup; }

  // The index's own copy of the filter, shared by all its subscribers: set by
  // SubscriptionIndex::Add, empty again after Remove.
  std::string_view filter() const { return {filter_, filter_bytes_}; }
  void set_filter(std::string_view filter) {
    filter_ = filter.data();
    filter_bytes_ = static_cast<uint32_t>(filter.size());
  }

 private:
  // There are as many as clients, or more: a std::string_view would be four bytes longer.
  const char* filter_ = nullptr;
  uint32_t filter_bytes_ = 0;

 public:
  // Place among the subscribers of that filter. Only the index reads or writes it.
  uint32_t index_slot = 0;

  // The other loop whose interest this is; kNoLoop: it is a Subscription; kGroup: it is a Group.
  const uint16_t loop = kNoLoop;
};

}  // namespace esockets::broker

#endif  // BROKER_SUBSCRIBER_H_
