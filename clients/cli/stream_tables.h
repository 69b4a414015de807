// What streams keep, for people.
#ifndef CLIENTS_CLI_STREAM_TABLES_H_
#define CLIENTS_CLI_STREAM_TABLES_H_

#include <string>

#include "proto/admin.pb.h"

namespace esockets::cli {

// One line a stream. MEMORY has the bytes of all that is kept, READERS the subscriptions that are
// not at the head. When there is none: "the broker has no streams".
std::string StreamsTable(const admin::Streams& streams);

// Everything about one of them, each figure with the limit that holds for it.
std::string StreamText(const admin::Stream& stream);

}  // namespace esockets::cli

#endif  // CLIENTS_CLI_STREAM_TABLES_H_
