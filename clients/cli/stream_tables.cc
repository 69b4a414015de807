#include "clients/cli/stream_tables.h"

#include <cstdint>

#include "base/strings.h"
#include "clients/cli/admin_tables.h"
#include "clients/cli/format.h"
#include "clients/cli/table.h"

namespace esockets::cli {
namespace {

using base::StrCat;

std::string Oldest(const admin::Stream& stream) {
  return stream.messages() == 0 ? "-" : Elapsed(stream.oldest_ms());
}

std::string Positions(const admin::Stream& stream) {
  if (stream.messages() != 0) {
    return StrCat(stream.first_position(), " to ", stream.last_position());
  }
  if (stream.last_position() == 0) return "none was given yet";
  return StrCat("nothing is there any more; the last was ", stream.last_position());
}

std::string Messages(const admin::Stream& stream) {
  std::string text = StrCat(stream.messages(), " of at most ", stream.messages_max());
  if (stream.last_values()) return text + ", the last of each topic";
  if (stream.messages_per_topic_max() != 0) {
    base::StrAppend(&text, ", ", stream.messages_per_topic_max(), " of each topic");
  }
  return text;
}

std::string OldestAndLimit(const admin::Stream& stream) {
  if (stream.age_max_ms() == 0) return Oldest(stream);
  return StrCat(Oldest(stream), "; goes after ", Elapsed(stream.age_max_ms()));
}

}  // namespace

std::string StreamsTable(const admin::Streams& streams) {
  if (streams.streams().empty()) return "the broker has no streams\n";
  Table table({"STREAM", "FILTER", "KEEPS", "LOOP>", "FIRST>", "LAST>", "MESSAGES>", "BYTES>",
               "MEMORY>", "TOPICS>", "OLDEST>", "READERS>", "IDS>"});
  for (const admin::Stream& stream : streams.streams()) {
    table.Add({Escape(stream.name()), Escape(stream.filter()),
               stream.last_values() ? "last" : "all", std::to_string(stream.home_loop()),
               std::to_string(stream.first_position()), std::to_string(stream.last_position()),
               Short(stream.messages()), Short(stream.bytes()), Short(stream.memory_bytes()),
               Short(stream.topics()), Oldest(stream), Short(stream.readers()),
               Short(stream.message_ids())});
  }
  return table.ToString();
}

std::string StreamText(const admin::Stream& stream) {
  return FieldLines(
      {{"stream", Escape(stream.name())},
       {"filter", Escape(stream.filter())},
       {"home", StrCat("loop ", stream.home_loop())},
       {"epoch", std::to_string(stream.epoch())},
       {"positions", Positions(stream)},
       {"messages", Messages(stream)},
       {"topics", std::to_string(stream.topics())},
       {"bytes", StrCat(stream.bytes(), ", at most ", stream.bytes_max(), " with what each needs")},
       {"memory", StrCat(stream.memory_bytes(), " bytes")},
       {"oldest", OldestAndLimit(stream)},
       {"readers", StrCat(stream.readers(), " that are not at the head")},
       {"message ids", StrCat(stream.message_ids(), " remembered")}});
}

}  // namespace esockets::cli
