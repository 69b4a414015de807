#include "gateways/http/query.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <limits>
#include <system_error>

#include "base/strings.h"
#include "base/utf8.h"
#include "google/protobuf/descriptor.h"
#include "server/http/percent_encoding.h"

namespace esockets::http {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

std::optional<uint64_t> ParseNumber(std::string_view text) {
  uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [at, error] = std::from_chars(text.data(), end, number);
  if (text.empty() || error != std::errc() || at != end) return std::nullopt;
  return number;
}

// As forms are encoded: "%20" or "+" for a space.
std::optional<std::string> DecodeForm(std::string_view text) {
  std::string spaced(text);
  std::ranges::replace(spaced, '+', ' ');
  return DecodePercent(spaced);
}

// False: the value is none of the field's type.
bool SetField(const std::string& value, const FieldDescriptor* field, Message* message) {
  const google::protobuf::Reflection& reflection = *message->GetReflection();
  const std::optional<uint64_t> number = ParseNumber(value);
  const bool is_string = field->cpp_type() == FieldDescriptor::CPPTYPE_STRING;
  if (field->is_repeated() && !is_string) return false;
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_UINT32:
      if (!number || *number > std::numeric_limits<uint32_t>::max()) return false;
      reflection.SetUInt32(message, field, static_cast<uint32_t>(*number));
      return true;
    case FieldDescriptor::CPPTYPE_UINT64:
      if (number) reflection.SetUInt64(message, field, *number);
      return number.has_value();
    case FieldDescriptor::CPPTYPE_BOOL:
      reflection.SetBool(message, field, value == "true");
      return value == "true" || value == "false";
    case FieldDescriptor::CPPTYPE_STRING:
      if (field->type() == FieldDescriptor::TYPE_STRING && !base::IsValidUtf8(value)) return false;
      field->is_repeated() ? reflection.AddString(message, field, value)
                           : reflection.SetString(message, field, value);
      return true;
    default:
      return false;
  }
}

std::string FieldNames(const Message& message) {
  std::string names;
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    base::StrAppend(&names, i == 0 ? "" : ", ", message.GetDescriptor()->field(i)->name());
  }
  return names.empty() ? "none" : names;
}

}  // namespace

std::optional<Target> ParseTarget(std::string_view target) {
  if (!target.starts_with('/')) return std::nullopt;
  const size_t end = target.find('?');
  Target parsed{.path = std::string(target.substr(0, end)), .parameters = {}};
  if (end == std::string_view::npos) return parsed;
  std::string_view rest = target.substr(end + 1);
  while (!rest.empty()) {
    const std::string_view pair = rest.substr(0, rest.find('&'));
    rest.remove_prefix(std::min(rest.size(), pair.size() + 1));
    if (pair.empty()) continue;
    const size_t equals = std::min(pair.find('='), pair.size());
    const std::optional<std::string> name = DecodeForm(pair.substr(0, equals));
    const std::optional<std::string> value =
        DecodeForm(pair.substr(std::min(pair.size(), equals + 1)));
    if (!name || !value) return std::nullopt;
    parsed.parameters.emplace_back(*name, *value);
  }
  return parsed;
}

absl::Status FillMessage(const Parameters& parameters, Message* message) {
  const auto mistake = [](const auto&... words) {
    return base::Error(absl::StatusCode::kInvalidArgument, words...);
  };
  std::vector<const FieldDescriptor*> seen;
  for (const auto& [name, value] : parameters) {
    const FieldDescriptor* field = message->GetDescriptor()->FindFieldByName(name);
    if (field == nullptr || field->is_map()) {
      return mistake("there is no parameter ", name, "; there are: ", FieldNames(*message));
    }
    const bool again = std::ranges::find(seen, field) != seen.end();
    if (again && !field->is_repeated()) return mistake(name, " stands there twice");
    seen.push_back(field);
    if (!SetField(value, field, message)) return mistake(name, " must be a ", field->type_name());
  }
  return absl::OkStatus();
}

}  // namespace esockets::http
