// Messages as lines that people and scripts can read.
#ifndef CLIENTS_CLI_FORMAT_H_
#define CLIENTS_CLI_FORMAT_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "clients/cpp/delivery.h"
#include "clients/cpp/message.h"

namespace esockets::cli {

enum class MessageFormat {
  kPayload,  // the payload's bytes as they are
  kLine,     // topic, tab, payload with control characters and backslashes escaped
  kJson,     // one object: topic, payload (or payload_base64, when it is not UTF-8), and options
};

// "payload", "line", "json". REQUIRES: one of them.
MessageFormat FormatOf(std::string_view name);

// What stands in front of a message.
struct Prefix {
  int64_t time_us = 0;    // when it came, microseconds since 1970 (UTC); 0: no timestamp is wanted
  bool position = false;  // in its stream, "-" when it is in none; JSON has it in any case
};

// One message with its newline.
std::string FormatMessage(MessageFormat format, const client::MessageView& message,
                          const Prefix& prefix);

// The payload as it is, with a newline if it does not end in one; or as MessageFormat::kJson.
std::string FormatReply(const client::Message& reply, bool json);

// "a Gap of 7 messages (812 bytes) in FILTER: BACKLOG_FULL"; and how many of them were no loss.
// "a Gap of 7 messages (at 11 to 17) in FILTER: RETENTION". "... in FILTER of the group NAME: ...".
std::string FormatGap(const client::Gap& gap);

// "stored at 17", "stored at 17 already".
std::string FormatStored(const client::Stored& stored);
// {"stored":{"epoch":3,"position":17,"repeated":false}}
std::string FormatStoredJson(const client::Stored& stored);

// "matched 3: 2 written, 1 queued", without what is 0; "matched 0: nobody is subscribed"; and in a
// stream "; stored at 17".
std::string FormatDelivery(const client::Delivery& delivery);
// The same as a JSON object, with what is 0.
std::string FormatDeliveryJson(const client::Delivery& delivery);

// "2026-01-31T12:00:00.000123Z".
std::string FormatTime(int64_t time_us);

// Control characters, backslashes and what is not UTF-8 as \n, \t, \\ and \xNN.
std::string Escape(std::string_view text);

}  // namespace esockets::cli

#endif  // CLIENTS_CLI_FORMAT_H_
