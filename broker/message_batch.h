// Messages that other loops want, gathered during a turn: one object for all of these loops, filled
// by one of them and never changed once it is posted.
#ifndef BROKER_MESSAGE_BATCH_H_
#define BROKER_MESSAGE_BATCH_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/frame_sequence.h"
#include "broker/class_number.h"
#include "broker/messages.h"
#include "proto/message_frame.h"

namespace esockets::broker {

class MessageBatch {
 public:
  // Copies the messages. `loops`: a bit for each loop that wants them. Returns the bytes they
  // count.
  size_t Append(const Messages& messages, uint64_t loops) {
    const auto begin = static_cast<uint32_t>(bytes_.size());
    const base::FrameSequence& frames = messages.frames;
    const size_t topic_at = static_cast<size_t>(messages.topic.data() - frames.front().data());
    entries_.push_back({.loops = loops,
                        .publisher = messages.publisher,
                        .begin = begin,
                        .topic_begin = begin + static_cast<uint32_t>(topic_at),
                        .topic_bytes = static_cast<uint32_t>(messages.topic.size()),
                        .first_end = static_cast<uint32_t>(ends_.size()),
                        .count = static_cast<uint32_t>(frames.count()),
                        .publisher_class = messages.publisher_class,
                        .stamped = messages.stamped,
                        .to_home = messages.to_home});
    if (messages.confirm != nullptr) confirms_.emplace_back(entries_.size() - 1, *messages.confirm);
    if (messages.store != nullptr) stores_.emplace_back(entries_.size() - 1, Kept(*messages.store));
    bytes_.append(frames.view());
    proto::MarkAsMessages(bytes_.data() + begin, frames);
    for (const uint32_t end : frames.ends) ends_.push_back(begin + (end - frames.begin));
    return EntryBytes(entries_.back());
  }

  // Calls visit(messages, bytes) for all messages that `loop` wants, in the order of publishing.
  template <typename Visitor>
  void ForEach(uint32_t loop, Visitor visit) const {
    const std::string_view all = bytes_;
    auto confirm = confirms_.cbegin();
    auto store = stores_.cbegin();
    for (size_t i = 0; i < entries_.size(); ++i) {
      const Entry& entry = entries_[i];
      const ConfirmAsk* const confirm_ask = TakeOf(i, confirms_, &confirm);
      const KeptStoreAsk* const store_ask = TakeOf(i, stores_, &store);
      if ((entry.loops >> loop & 1) == 0) continue;
      const StoreAsk ask = store_ask == nullptr ? StoreAsk() : store_ask->View();
      visit(Messages{.topic = all.substr(entry.topic_begin, entry.topic_bytes),
                     .frames = {.bytes = all, .begin = entry.begin, .ends = EndsOf(entry)},
                     .publisher = entry.publisher,
                     .publisher_class = entry.publisher_class,
                     .confirm = confirm_ask,
                     .store = store_ask == nullptr ? nullptr : &ask,
                     .stamped = entry.stamped,
                     .to_home = entry.to_home},
            EntryBytes(entry));
    }
  }

  // All of them, finished as ServerFrames.
  base::FrameSequence frames() const { return {.bytes = bytes_, .begin = 0, .ends = ends_}; }

  struct Size {
    size_t bytes = 0;
    size_t messages = 0;
    size_t entries = 0;
  };
  Size size() const { return {bytes_.size(), ends_.size(), entries_.size()}; }
  void Reserve(const Size& size) {
    bytes_.reserve(size.bytes);
    ends_.reserve(size.messages);
    entries_.reserve(size.entries);
  }

 private:
  struct Entry {
    uint64_t loops;
    uint64_t publisher;
    uint32_t begin;
    uint32_t topic_begin;
    uint32_t topic_bytes;
    uint32_t first_end;  // in ends_
    uint32_t count;      // of messages
    ClassNumber publisher_class;
    bool stamped;
    bool to_home;
  };
  // With its message id.
  struct KeptStoreAsk {
    StoreAsk View() const {
      StoreAsk view = ask;
      view.message_id = message_id;
      return view;
    }
    StoreAsk ask;
    std::string message_id;
  };
  static KeptStoreAsk Kept(const StoreAsk& ask) { return {ask, std::string(ask.message_id)}; }
  // By entry: few of them are asked for.
  template <typename Ask>
  using Asks = std::vector<std::pair<size_t, Ask>>;
  // What is asked of the entry; null: nothing.
  template <typename Ask>
  static const Ask* TakeOf(size_t entry, const Asks<Ask>& asks,
                           typename Asks<Ask>::const_iterator* next) {
    const bool is_asked = *next != asks.end() && (*next)->first == entry;
    return is_asked ? &(*next)++->second : nullptr;
  }
  std::span<const uint32_t> EndsOf(const Entry& entry) const {
    return std::span(ends_).subspan(entry.first_end, entry.count);
  }
  size_t EntryBytes(const Entry& entry) const {
    const std::span<const uint32_t> ends = EndsOf(entry);
    return ends.back() - entry.begin + ends.size_bytes() + sizeof(Entry);
  }

  std::string bytes_;  // frames
  std::vector<uint32_t> ends_;
  std::vector<Entry> entries_;
  Asks<ConfirmAsk> confirms_;
  Asks<KeptStoreAsk> stores_;
};

}  // namespace esockets::broker

#endif  // BROKER_MESSAGE_BATCH_H_
