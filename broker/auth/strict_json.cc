#include "broker/auth/strict_json.h"

#include <algorithm>

#include "base/strings.h"
#include "nlohmann/json.hpp"

namespace esockets::broker {
namespace {

using Kind = JsonValue::Kind;

bool HasNameTwice(const JsonValue& object) {
  std::vector<std::string_view> names(object.names.begin(), object.names.end());
  std::ranges::sort(names);
  return std::ranges::adjacent_find(names) != names.end();
}

// Takes what the parser reads; each event returns whether to go on, by the names that the parser
// calls them.
class Builder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Builder(size_t depth_max) : depth_max_(depth_max) {}

  bool null() override { return Add({.kind = Kind::kNull}); }
  bool boolean(bool value) override {
    return Add({.kind = Kind::kBoolean, .text = value ? "true" : "false"});
  }
  bool number_integer(number_integer_t value) override {
    return Add({.kind = Kind::kNumber, .text = base::StrCat(value)});
  }
  bool number_unsigned(number_unsigned_t value) override {
    return Add({.kind = Kind::kNumber, .text = base::StrCat(value)});
  }
  bool number_float(number_float_t, const string_t& written) override {
    return Add({.kind = Kind::kNumber, .text = written});
  }
  bool string(string_t& value) override {
    return Add({.kind = Kind::kString, .text = std::move(value)});
  }
  bool binary(binary_t&) override { return false; }  // no JSON has it

  bool start_object(size_t) override { return Open(Kind::kObject); }
  bool key(string_t& name) override {
    open_.back().names.push_back(std::move(name));
    return true;
  }
  bool end_object() override {
    if (HasNameTwice(open_.back())) return Refuse("an object has a name twice");
    return Close();
  }
  bool start_array(size_t) override { return Open(Kind::kArray); }
  bool end_array() override { return Close(); }

  // The exception's own text quotes what was read: it may be a secret.
  bool parse_error(size_t position, const std::string&,
                   const nlohmann::detail::exception&) override {
    why_ = base::StrCat("no JSON at byte ", position);
    return false;
  }

  const std::string& why() const { return why_; }
  JsonValue& result() { return result_; }

 private:
  bool Refuse(std::string_view why) {
    why_ = why;
    return false;
  }
  bool Open(Kind kind) {
    if (open_.size() == depth_max_) return Refuse("nested too deeply");
    open_.push_back({.kind = kind});
    return true;
  }
  bool Close() {
    JsonValue done = std::move(open_.back());
    open_.pop_back();
    return Add(std::move(done));
  }
  bool Add(JsonValue value) {
    (open_.empty() ? result_ : open_.back().children.emplace_back()) = std::move(value);
    return true;
  }

  const size_t depth_max_;
  std::vector<JsonValue> open_;  // from the outermost to the one that is read
  JsonValue result_;
  std::string why_;
};

absl::Status Refusal(std::string_view why) {
  return base::Error(absl::StatusCode::kInvalidArgument, why);
}

}  // namespace

bool JsonValue::is_strings() const {
  return kind == Kind::kArray &&
         std::ranges::all_of(children, [](const JsonValue& c) { return c.is_string(); });
}

std::vector<std::string> JsonValue::Strings() const {
  std::vector<std::string> strings;
  strings.reserve(children.size());
  for (const JsonValue& child : children) strings.push_back(child.text);
  return strings;
}

const JsonValue* JsonValue::Find(std::string_view name) const {
  const auto found = std::ranges::find(names, name);
  return found == names.end() ? nullptr : &children[static_cast<size_t>(found - names.begin())];
}

absl::StatusOr<JsonValue> ParseJsonObject(std::string_view text, size_t depth_max) {
  // The parser skips the one, and takes the other for the end.
  if (text.starts_with("\xEF\xBB\xBF")) return Refusal("it begins with a byte order mark");
  if (text.find('\0') != std::string_view::npos) return Refusal("it has a NUL");
  Builder builder(depth_max);
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &builder)) {
    return Refusal(builder.why());
  }
  if (builder.result().kind != Kind::kObject) return Refusal("it is no JSON object");
  return std::move(builder.result());
}

}  // namespace esockets::broker
