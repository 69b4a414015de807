// A stream where it is kept: the one loop that numbers its messages. Thread: that loop.
#ifndef BROKER_STREAM_HOME_H_
#define BROKER_STREAM_HOME_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/on_loop.h"
#include "broker/class_number.h"
#include "broker/client_classes.h"
#include "broker/last_value_quota.h"
#include "broker/message_ids.h"
#include "broker/message_store.h"
#include "broker/messages.h"
#include "broker/stream_reading.h"
#include "broker/stream_rules.h"

namespace esockets::broker {

class StreamHome {
 public:
  // REQUIRES: `rule` and `clock` outlive this.
  StreamHome(const StreamRule* rule, std::unique_ptr<MessageStore> store, const base::Clock* clock);
  StreamHome(const StreamHome&) = delete;
  StreamHome& operator=(const StreamHome&) = delete;

  const StreamRule& rule() const { return rule_; }
  uint64_t epoch() const { return epoch_; }
  MessageStore& store() { return *store_; }
  const MessageStore& store() const { return *store_; }

  // What it keeps of each of them from now on.
  void SetClasses(const ClientClasses& classes) ESOCKETS_ON_LOOP;
  // Messages of this class that were above what is kept of it: of a stream let go of, of last
  // values refused.
  uint64_t above_share_total(ClassNumber publisher_class) const ESOCKETS_ON_LOOP;

  // Would there be more to keep? A message that clears a last value adds nothing.
  bool Adds(const Messages& messages) const ESOCKETS_ON_LOOP;
  // Nothing: they can be kept. Otherwise why not: what there is of last values is at a limit.
  std::optional<std::string> WhyNot(const Messages& messages) ESOCKETS_ON_LOOP;
  // Keeps the first of them, at least one; of last values it may be one that clears the topic's.
  // Returns them as they go to everybody. REQUIRES: !WhyNot().
  Messages Keep(const Messages& messages) ESOCKETS_ON_LOOP;

  // The message has an id: where it was stored before; with another content: position 0, and
  // `repeated`. Nothing: it is new.
  std::optional<Stored> FindRepeated(const Messages& message) ESOCKETS_ON_LOOP;
  // It is stored now under this position.
  void NoteId(const Messages& message, uint64_t position) ESOCKETS_ON_LOOP;

  // Ids that are remembered.
  size_t message_ids() const ESOCKETS_ON_LOOP { return ids_.CountAt(clock_.Now()); }

  StreamOpened Open(const StreamStart& start, std::string_view filter) ESOCKETS_ON_LOOP;

 private:
  StreamOpened OpenBehind(const StreamStart& start, std::string_view filter) ESOCKETS_ON_LOOP;

  const StreamRule& rule_;
  const std::unique_ptr<MessageStore> store_;
  const base::Clock& clock_;
  const uint64_t epoch_;
  MessageIds ids_;
  std::optional<LastValueQuota> quota_;  // of last values
};

}  // namespace esockets::broker

#endif  // BROKER_STREAM_HOME_H_
