#include "app/config_changes.h"

#include <map>
#include <memory>
#include <utility>

#include "base/strings.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"

namespace esockets::app {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

bool NeedsRestart(const FieldDescriptor& field) {
  return field.options().GetExtension(needs_restart);
}

bool IsMessage(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
}

// Text without the quotes of protobuf's text format: the log has its own.
std::string ValueText(const Message& message, const FieldDescriptor& field, int index) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_STRING) {
    return index < 0 ? reflection.GetString(message, &field)
                     : reflection.GetRepeatedString(message, &field, index);
  }
  std::string text;
  google::protobuf::TextFormat::PrintFieldValueToString(message, &field, index, &text);
  return text;
}

// A whole scalar field; the values of a repeated one with commas between them.
std::string FieldText(const Message& message, const FieldDescriptor& field) {
  const google::protobuf::Reflection& reflection = *message.GetReflection();
  if (!field.is_repeated()) {
    if (field.has_presence() && !reflection.HasField(message, &field)) return "default";
    return ValueText(message, field, -1);
  }
  const int size = reflection.FieldSize(message, &field);
  if (size == 0) return "default";
  std::string text;
  for (int i = 0; i < size; ++i) {
    if (i > 0) text += ',';
    text += ValueText(message, field, i);
  }
  return text;
}

std::string Shown(const FieldDescriptor& field, const std::string& text) {
  if (!field.options().GetExtension(secret)) return text;
  return text.empty() ? "none" : "hidden";
}

class Comparison {
 public:
  explicit Comparison(ConfigChanges* changes) : changes_(*changes) {}

  void Compare(const Message& before, const Message& after, const std::string& prefix,
               bool restart) {
    const google::protobuf::Descriptor& descriptor = *before.GetDescriptor();
    for (int i = 0; i < descriptor.field_count(); ++i) {
      const FieldDescriptor& field = *descriptor.field(i);
      const std::string path = base::StrCat(prefix, field.name());
      const bool field_restart = restart || NeedsRestart(field);
      if (!IsMessage(field)) {
        CompareValues(before, after, field, path, field_restart);
      } else if (field.is_repeated()) {
        CompareNamed(before, after, field, path, field_restart);
      } else {
        Compare(before.GetReflection()->GetMessage(before, &field),
                after.GetReflection()->GetMessage(after, &field), path + ".", field_restart);
      }
    }
  }

 private:
  void CompareValues(const Message& before, const Message& after, const FieldDescriptor& field,
                     const std::string& path, bool restart) {
    const std::string from = FieldText(before, field);
    const std::string to = FieldText(after, field);
    if (from != to) Add({path, Shown(field, from), Shown(field, to)}, restart);
  }

  // The entries of a list have names: the field with the number 1, which is not empty and unique.
  using ByName = std::map<std::string, const Message*>;

  static ByName Named(const Message& message, const FieldDescriptor& field) {
    const FieldDescriptor& name = *field.message_type()->FindFieldByNumber(1);
    ByName found;
    for (int i = 0; i < message.GetReflection()->FieldSize(message, &field); ++i) {
      const Message& entry = message.GetReflection()->GetRepeatedMessage(message, &field, i);
      found[ValueText(entry, name, -1)] = &entry;
    }
    return found;
  }

  void CompareNamed(const Message& before, const Message& after, const FieldDescriptor& field,
                    const std::string& path, bool restart) {
    const ByName old_entries = Named(before, field);
    const ByName new_entries = Named(after, field);
    for (const auto& [name, entry] : old_entries) {
      const std::string entry_path = base::StrCat(path, "[", name, "]");
      if (const auto found = new_entries.find(name); found != new_entries.end()) {
        Compare(*entry, *found->second, entry_path + ".", restart);
      } else {
        Add({entry_path, "present", "absent"}, restart);
      }
    }
    for (const auto& [name, entry] : new_entries) {
      if (old_entries.contains(name)) continue;
      Add({base::StrCat(path, "[", name, "]"), "absent", "present"}, restart);
    }
  }

  void Add(ConfigChange change, bool restart) {
    (restart ? changes_.needs_restart : changes_.live).push_back(std::move(change));
  }

  ConfigChanges& changes_;
};

bool HasFieldsThatNeedRestart(const google::protobuf::Descriptor& descriptor) {
  for (int i = 0; i < descriptor.field_count(); ++i) {
    if (NeedsRestart(*descriptor.field(i))) return true;
  }
  return false;
}

void KeepFields(const Message& running, Message* next) {
  const google::protobuf::Descriptor& descriptor = *running.GetDescriptor();
  const google::protobuf::Reflection& reflection = *running.GetReflection();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const FieldDescriptor& field = *descriptor.field(i);
    if (NeedsRestart(field)) {
      const std::unique_ptr<Message> kept(running.New());
      kept->CopyFrom(running);
      reflection.SwapFields(next, kept.get(), {&field});
    } else if (IsMessage(field) && !field.is_repeated() &&
               HasFieldsThatNeedRestart(*field.message_type())) {
      KeepFields(reflection.GetMessage(running, &field), reflection.MutableMessage(next, &field));
    }
  }
}

}  // namespace

ConfigChanges CompareConfigs(const Config& before, const Config& after) {
  ConfigChanges changes;
  Comparison(&changes).Compare(before, after, "", false);
  return changes;
}

Config WithoutRestart(const Config& running, const Config& next) {
  Config config = next;
  KeepFields(running, &config);
  return config;
}

}  // namespace esockets::app
