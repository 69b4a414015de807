// Where `esockets sub` begins, in words.
#ifndef CLIENTS_CLI_START_WORDS_H_
#define CLIENTS_CLI_START_WORDS_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "clients/cpp/start.h"
#include "clients/cpp/stream_start.h"

namespace esockets::cli {

// "now"; "all", all that the stream has; "last:N" and "each:N", of each topic; "POSITION@EPOCH",
// behind it; a time, as "2026-01-31T12:00:00Z" with or without a fraction, or as "90s", "10m", "2h"
// or "1d" before `now_us`. Errors: kInvalidArgument.
absl::StatusOr<client::Start> ParseStart(std::string_view text, int64_t now_us);

// "chat/# begins behind 17@1769860800000000 of the stream chat"; and what was asked for and is not
// there any more. `verb`: "begins", "goes on".
std::string FormatStart(const client::StreamStart& start, std::string_view verb);

}  // namespace esockets::cli

#endif  // CLIENTS_CLI_START_WORDS_H_
