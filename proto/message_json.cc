#include "proto/message_json.h"

#include <string>

#include "absl/strings/escaping.h"
#include "base/strings.h"
#include "base/utf8.h"

namespace esockets::proto {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using nlohmann::ordered_json;

// Of a repeated field when `index` is not negative.
ordered_json Value(const Message& message, const FieldDescriptor& field, int index) {
  const auto& reflection = *message.GetReflection();
  const bool repeated = index >= 0;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return repeated ? reflection.GetRepeatedBool(message, &field, index)
                      : reflection.GetBool(message, &field);
    case FieldDescriptor::CPPTYPE_UINT32:
      return repeated ? reflection.GetRepeatedUInt32(message, &field, index)
                      : reflection.GetUInt32(message, &field);
    case FieldDescriptor::CPPTYPE_UINT64:
      return repeated ? reflection.GetRepeatedUInt64(message, &field, index)
                      : reflection.GetUInt64(message, &field);
    case FieldDescriptor::CPPTYPE_STRING:
      return repeated ? reflection.GetRepeatedString(message, &field, index)
                      : reflection.GetString(message, &field);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return ToJson(repeated ? reflection.GetRepeatedMessage(message, &field, index)
                             : reflection.GetMessage(message, &field));
    default:
      return field.cpp_type_name();  // admin.proto uses no other type
  }
}

ordered_json Repeated(const Message& message, const FieldDescriptor& field) {
  const int size = message.GetReflection()->FieldSize(message, &field);
  ordered_json all = field.is_map() ? ordered_json::object() : ordered_json::array();
  for (int i = 0; i < size; ++i) {
    ordered_json value = Value(message, field, i);
    if (field.is_map()) {
      all[value["key"].get<std::string>()] = value["value"];
    } else {
      all.push_back(std::move(value));
    }
  }
  return all;
}

}  // namespace

ordered_json ToJson(const Message& message) {
  ordered_json json = ordered_json::object();
  const auto& descriptor = *message.GetDescriptor();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const FieldDescriptor& field = *descriptor.field(i);
    if (field.is_repeated()) {
      json[field.name()] = Repeated(message, field);
      continue;
    }
    const bool may_be_absent =
        field.has_presence() && field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE;
    if (may_be_absent && !message.GetReflection()->HasField(message, &field)) continue;
    ordered_json value = Value(message, field, -1);
    if (value.is_string() && !base::IsValidUtf8(value.get_ref<const std::string&>())) {
      json[field.name() + "_base64"] = absl::Base64Escape(value.get_ref<const std::string&>());
    } else {
      json[field.name()] = std::move(value);
    }
  }
  return json;
}

}  // namespace esockets::proto
