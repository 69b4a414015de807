#include "clients/cli/format.h"

#include <ctime>

#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"
#include "base/strings.h"
#include "base/utf8.h"
#include "nlohmann/json.hpp"

namespace esockets::cli {
namespace {

constexpr int64_t kMicrosPerSecond = 1'000'000;

std::string Line(const client::MessageView& message) {
  return base::StrCat(Escape(message.topic), "\t", Escape(message.payload));
}

void PutBytes(nlohmann::ordered_json* json, std::string_view name, std::string_view bytes) {
  if (base::IsValidUtf8(bytes)) {
    (*json)[std::string(name)] = bytes;
  } else {
    (*json)[base::StrCat(name, "_base64")] = absl::Base64Escape(base::ToAbsl(bytes));
  }
}

// `message`: a client::MessageView or a client::Message.
template <typename AnyMessage>
std::string Json(const AnyMessage& message, int64_t time_us) {
  nlohmann::ordered_json json;
  if (time_us != 0) json["time"] = FormatTime(time_us);
  json["topic"] = message.topic;
  PutBytes(&json, "payload", message.payload);
  if (!message.reply_to.empty()) json["reply_to"] = message.reply_to;
  if (!message.key.empty()) PutBytes(&json, "key", message.key);
  if (message.ttl_ms != 0) json["ttl_ms"] = message.ttl_ms;
  for (const auto& [name, value] : message.headers) {
    json["headers"].push_back({{"name", name}, {"value", value}});
  }
  if (message.time_us != 0) json["time_us"] = message.time_us;
  if (message.publisher != 0) json["publisher"] = message.publisher;
  if (message.position != 0) json["position"] = message.position;
  if (!message.group.empty()) json["group"] = message.group;
  return json.dump();
}

nlohmann::ordered_json StoredJson(const client::Stored& stored) {
  return {{"epoch", stored.epoch}, {"position", stored.position}, {"repeated", stored.repeated}};
}

}  // namespace

MessageFormat FormatOf(std::string_view name) {
  if (name == "json") return MessageFormat::kJson;
  return name == "line" ? MessageFormat::kLine : MessageFormat::kPayload;
}

std::string FormatMessage(MessageFormat format, const client::MessageView& message,
                          const Prefix& prefix) {
  if (format == MessageFormat::kJson) return Json(message, prefix.time_us) + "\n";
  std::string text = prefix.time_us == 0 ? "" : FormatTime(prefix.time_us) + "\t";
  if (prefix.position) {
    text += message.position == 0 ? "-\t" : base::StrCat(message.position, "\t");
  }
  if (format == MessageFormat::kLine) return base::StrCat(text, Line(message), "\n");
  return base::StrCat(text, message.payload, "\n");
}

std::string FormatReply(const client::Message& reply, bool json) {
  if (json) return Json(reply, 0) + "\n";
  return reply.payload.ends_with('\n') ? reply.payload : reply.payload + "\n";
}

std::string FormatGap(const client::Gap& gap) {
  const std::string where = gap.to_position == 0
                                ? base::StrCat(gap.bytes, " bytes")
                                : base::StrCat("at ", gap.from_position, " to ", gap.to_position);
  std::string text =
      base::StrCat("a Gap of ", gap.messages, " messages (", where, ") in ", gap.filter,
                   gap.group.empty() ? "" : " of the group ", gap.group, ": ", gap.reason);
  if (gap.conflated > 0 && gap.conflated < gap.messages) {
    base::StrAppend(&text, ", ", gap.conflated, " of them CONFLATED");
  }
  if (gap.expired > 0 && gap.expired < gap.messages) {
    base::StrAppend(&text, ", ", gap.expired, " of them EXPIRED");
  }
  return text;
}

std::string FormatStored(const client::Stored& stored) {
  return base::StrCat("stored at ", stored.position, stored.repeated ? " already" : "");
}

std::string FormatStoredJson(const client::Stored& stored) {
  return nlohmann::ordered_json{{"stored", StoredJson(stored)}}.dump();
}

std::string FormatDelivery(const client::Delivery& delivery) {
  std::string text = base::StrCat("matched ", delivery.matched);
  if (delivery.matched == 0) text += ": nobody is subscribed";
  std::string_view before = ": ";
  const auto part = [&](uint64_t clients, std::string_view what) {
    if (clients == 0) return;
    base::StrAppend(&text, before, clients, " ", what);
    before = ", ";
  };
  part(delivery.written, "written");
  part(delivery.queued, "queued");
  part(delivery.conflated, "conflated");
  part(delivery.dropped, "dropped");
  part(delivery.gone, "gone");
  if (delivery.stored) base::StrAppend(&text, "; ", FormatStored(*delivery.stored));
  return text;
}

std::string FormatDeliveryJson(const client::Delivery& delivery) {
  nlohmann::ordered_json json{{"matched", delivery.matched}, {"written", delivery.written},
                              {"queued", delivery.queued},   {"conflated", delivery.conflated},
                              {"dropped", delivery.dropped}, {"gone", delivery.gone}};
  if (delivery.stored) json["stored"] = StoredJson(*delivery.stored);
  return json.dump();
}

std::string FormatTime(int64_t time_us) {
  const std::time_t seconds = time_us / kMicrosPerSecond;
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  return absl::StrFormat("%04d-%02d-%02dT%02d:%02d:%02d.%06dZ", utc.tm_year + 1900, utc.tm_mon + 1,
                         utc.tm_mday, utc.tm_hour, utc.tm_min, utc.tm_sec,
                         time_us % kMicrosPerSecond);
}

std::string Escape(std::string_view text) {
  const bool utf8 = base::IsValidUtf8(text);
  std::string escaped;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '\n') {
      escaped += "\\n";
    } else if (c == '\t') {
      escaped += "\\t";
    } else if (c == '\\') {
      escaped += "\\\\";
    } else if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !utf8)) {
      escaped += absl::StrFormat("\\x%02x", byte);
    } else {
      escaped += c;
    }
  }
  return escaped;
}

}  // namespace esockets::cli
