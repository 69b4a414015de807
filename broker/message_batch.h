// Messages that other loops want, gathered during a turn: one object for all of these loops, filled
// by one of them and never changed once it is posted.
#ifndef BROKER_MESSAGE_BATCH_H_
#define BROKER_MESSAGE_BATCH_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "broker/message.h"

namespace esockets::broker {

class MessageBatch {
 public:
  // Copies the message. `loops`: a bit for each loop that wants it. Returns the bytes it counts.
  size_t Append(const Message& message, uint64_t loops) {
    const size_t begin = bytes_.size();
    bytes_.append(message.topic);
    for (const std::string_view piece : message.fields) bytes_.append(piece);
    entries_.push_back({.loops = loops,
                        .publisher = message.publisher,
                        .begin = begin,
                        .topic_bytes = message.topic.size(),
                        .end = bytes_.size()});
    return EntryBytes(entries_.back());
  }

  // Calls visit(message, bytes) for each message that `loop` wants, in the order of publishing.
  template <typename Visitor>
  void ForEach(uint32_t loop, Visitor visit) const {
    const std::string_view all = bytes_;
    for (const Entry& entry : entries_) {
      if ((entry.loops >> loop & 1) == 0) continue;
      const std::string_view topic = all.substr(entry.begin, entry.topic_bytes);
      const size_t fields_begin = entry.begin + entry.topic_bytes;
      const std::string_view fields = all.substr(fields_begin, entry.end - fields_begin);
      visit(Message{.topic = topic, .fields = {&fields, 1}, .publisher = entry.publisher},
            EntryBytes(entry));
    }
  }

  void Reserve(size_t bytes, size_t messages) {
    bytes_.reserve(bytes);
    entries_.reserve(messages);
  }

  bool empty() const { return entries_.empty(); }
  size_t bytes() const { return bytes_.size(); }
  size_t messages() const { return entries_.size(); }

 private:
  struct Entry {
    uint64_t loops;
    uint64_t publisher;
    size_t begin;  // of the topic; the fields follow it
    size_t topic_bytes;
    size_t end;
  };
  static size_t EntryBytes(const Entry& entry) { return entry.end - entry.begin + sizeof(Entry); }

  std::string bytes_;
  std::vector<Entry> entries_;
};

}  // namespace esockets::broker

#endif  // BROKER_MESSAGE_BATCH_H_
