#include "app/config.h"

#include <filesystem>
#include <vector>

#include "base/strings.h"
#include "base/whole_file.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/io/tokenizer.h"
#include "google/protobuf/message.h"
#include "google/protobuf/text_format.h"

namespace esockets::app {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::TextFormat;

// Ten thousand users with all their rules.
constexpr size_t kConfigBytesMax = 16 << 20;

// Editors count from 1, protobuf from 0.
std::string Place(std::string_view file_name, int line, int column) {
  return base::StrCat(file_name, ":", line + 1, ":", column + 1);
}

// Gathers what the parser finds, with places that an editor can jump to.
class Errors final : public google::protobuf::io::ErrorCollector {
 public:
  explicit Errors(std::string_view file_name) : file_name_(file_name) {}

  void AddError(int line, google::protobuf::io::ColumnNumber column,
                const std::string& message) override {
    if (!text_.empty()) text_ += '\n';
    base::StrAppend(&text_, Place(file_name_, line, column), ": ", message);
  }
  const std::string& text() const { return text_; }

 private:
  const std::string_view file_name_;
  std::string text_;
};

// Notes where the parser found the fields of a message.
class PlaceFinder {
 public:
  PlaceFinder(std::string_view file_name, Places* places)
      : file_name_(file_name), places_(*places) {}

  void Walk(const Message& message, TextFormat::ParseInfoTree* tree, const std::string& prefix) {
    std::vector<const FieldDescriptor*> fields;
    message.GetReflection()->ListFields(message, &fields);
    for (const FieldDescriptor* field : fields) {
      const std::string path = base::StrCat(prefix, field->name());
      if (!field->is_repeated()) {
        Note(message, field, -1, tree, path);
        continue;
      }
      Set(tree->GetLocation(field, 0), path);
      for (int i = 0; i < message.GetReflection()->FieldSize(message, field); ++i) {
        Note(message, field, i, tree, base::StrCat(path, "[", i, "]"));
      }
    }
  }

 private:
  // `index` -1: the field is not repeated.
  void Note(const Message& message, const FieldDescriptor* field, int index,
            TextFormat::ParseInfoTree* tree, const std::string& path) {
    Set(tree->GetLocation(field, index), path);
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) return;
    const google::protobuf::Reflection& reflection = *message.GetReflection();
    const Message& inner = index < 0 ? reflection.GetMessage(message, field)
                                     : reflection.GetRepeatedMessage(message, field, index);
    Walk(inner, tree->GetTreeForNested(field, index), path + ".");
  }

  void Set(const TextFormat::ParseLocation& location, const std::string& path) {
    places_.Set(path, Place(file_name_, location.line, location.column));
  }

  const std::string_view file_name_;
  Places& places_;
};

// Of the fields that are set.
void ResolvePaths(const std::filesystem::path& folder, Message* message) {
  const google::protobuf::Reflection& reflection = *message->GetReflection();
  std::vector<const FieldDescriptor*> fields;
  reflection.ListFields(*message, &fields);
  for (const FieldDescriptor* field : fields) {
    if (field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) {
      const int count = field->is_repeated() ? reflection.FieldSize(*message, field) : 1;
      for (int i = 0; i < count; ++i) {
        ResolvePaths(folder, field->is_repeated()
                                 ? reflection.MutableRepeatedMessage(message, field, i)
                                 : reflection.MutableMessage(message, field));
      }
    } else if (field->options().GetExtension(names_file)) {
      const std::string name = reflection.GetString(*message, field);
      if (!name.empty()) reflection.SetString(message, field, (folder / name).string());
    }
  }
}

}  // namespace

void Places::Set(std::string_view path, std::string_view place) {
  places_.insert_or_assign(std::string(path), std::string(place));
}

void Places::Replace(std::string_view path, std::string_view place) {
  std::erase_if(places_, [path](const auto& entry) {
    return entry.first.starts_with(path) &&
           (entry.first.size() == path.size() || entry.first[path.size()] == '.' ||
            entry.first[path.size()] == '[');
  });
  Set(path, place);
}

std::string_view Places::Of(std::string_view path) const {
  while (true) {
    if (const auto found = places_.find(path); found != places_.end()) return found->second;
    const size_t end = path.find_last_of(".[");
    if (end == std::string_view::npos) return {};
    path = path.substr(0, end);
  }
}

absl::Status Places::Mistake(std::string_view path, std::string_view why) const {
  const std::string_view place = Of(path);
  return base::Error(absl::StatusCode::kInvalidArgument, place, place.empty() ? "" : ": ", path,
                     ": ", why);
}

absl::StatusOr<LoadedConfig> ReadConfig(const std::string& path) {
  const absl::StatusOr<std::string> text = base::ReadWholeFile(path, kConfigBytesMax);
  if (!text.ok()) {
    return base::Error(absl::StatusCode::kInvalidArgument, path, ": ",
                       base::Message(text.status()));
  }
  absl::StatusOr<LoadedConfig> loaded = ParseConfig(*text, path);
  if (!loaded.ok()) return loaded;
  ResolvePaths(std::filesystem::path(path).parent_path(), &loaded->config);
  return loaded;
}

absl::StatusOr<LoadedConfig> ParseConfig(std::string_view text, std::string_view file_name) {
  LoadedConfig loaded;
  Errors errors(file_name);
  TextFormat::ParseInfoTree tree;
  TextFormat::Parser parser;
  parser.RecordErrorsTo(&errors);
  parser.WriteLocationsTo(&tree);
  if (!parser.ParseFromString(std::string(text), &loaded.config)) {
    return base::Error(absl::StatusCode::kInvalidArgument, errors.text());
  }
  PlaceFinder(file_name, &loaded.places).Walk(loaded.config, &tree, "");
  return loaded;
}

}  // namespace esockets::app
