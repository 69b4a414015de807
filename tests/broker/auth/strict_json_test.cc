#include "broker/auth/strict_json.h"

#include "base/strings.h"
#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

using namespace std::string_view_literals;
using Kind = JsonValue::Kind;

TEST(StrictJson, KeepsNamesKindsAndNumbersAsWritten) {
  const auto object = ParseJsonObject(
      R"( {"s":"a\u00e9\n","t":true,"f":false,"n":null,"i":-12,"u":18446744073709551615,
           "d":1.50,"e":1E2,"o":{"x":[1]},"a":["p","q"],"m":["p",1],"":"empty"} )",
      3);
  ASSERT_TRUE(object.ok()) << object.status();
  const struct {
    std::string_view name;
    Kind kind;
    std::string_view text;
  } kCases[] = {
      {"s", Kind::kString, "a\xC3\xA9\n"},
      {"t", Kind::kBoolean, "true"},
      {"f", Kind::kBoolean, "false"},
      {"n", Kind::kNull, ""},
      {"i", Kind::kNumber, "-12"},
      {"u", Kind::kNumber, "18446744073709551615"},
      {"d", Kind::kNumber, "1.50"},
      {"e", Kind::kNumber, "1E2"},
      {"o", Kind::kObject, ""},
      {"a", Kind::kArray, ""},
      {"m", Kind::kArray, ""},
      {"", Kind::kString, "empty"},
  };
  ASSERT_EQ(object->names.size(), std::size(kCases));
  for (size_t i = 0; i < std::size(kCases); ++i) {
    SCOPED_TRACE(kCases[i].name);
    EXPECT_EQ(object->names[i], kCases[i].name);
    const JsonValue* value = object->Find(kCases[i].name);
    ASSERT_EQ(value, &object->children[i]);
    EXPECT_EQ(value->kind, kCases[i].kind);
    EXPECT_EQ(value->text, kCases[i].text);
  }
  EXPECT_EQ(object->Find("absent"), nullptr);
  EXPECT_TRUE(object->Find("a")->is_strings());
  EXPECT_EQ(object->Find("a")->Strings(), (std::vector<std::string>{"p", "q"}));
  EXPECT_FALSE(object->Find("m")->is_strings());
  EXPECT_FALSE(object->Find("s")->is_strings());
}

TEST(StrictJson, SaysWhatItRefuses) {
  const struct {
    const char* what;
    std::string_view text;
    std::string_view why;
  } kCases[] = {
      {"nothing", "", "no JSON at byte 1"},
      {"a string", "\"a\"", "it is no JSON object"},
      {"an array", "[]", "it is no JSON object"},
      {"cut short", R"({"a":1)", "no JSON at byte 7"},
      {"more behind it", "{}{}", "no JSON at byte 3"},
      {"a comment", "{}//", "no JSON at byte 3"},
      {"a comma too many", R"({"a":1,})", "no JSON at byte 8"},
      {"NUL behind it", "{}\0x"sv, "it has a NUL"},
      {"a byte order mark", "\xEF\xBB\xBF{}", "it begins with a byte order mark"},
      {"a name twice", R"({"a":1,"b":2,"a":1})", "an object has a name twice"},
      {"a name twice, once escaped", R"({"a":1,"\u0061":1})", "an object has a name twice"},
      {"a name twice, further in", R"({"x":[{"a":1,"a":1}]})", "an object has a name twice"},
      {"four levels", R"({"a":[{"b":[]}]})", "nested too deeply"},
      {"more than a double holds", R"({"a":1e400})", "no JSON at byte 10"},
      {"infinity", R"({"a":Infinity})", "no JSON at byte 6"},
      {"a leading zero", R"({"a":01})", "no JSON at byte 7"},
      {"no UTF-8", "{\"a\":\"\xFF\"}", "no JSON at byte 7"},
      {"an overlong form", "{\"a\":\"\xC0\x80\"}", "no JSON at byte 7"},
      {"half of a surrogate pair", R"({"a":"\uD800"})", "no JSON at byte 13"},
      {"a control character", "{\"a\":\"\n\"}", "no JSON at byte 7"},
  };
  for (const auto& c : kCases) {
    SCOPED_TRACE(c.what);
    const auto object = ParseJsonObject(c.text, 3);
    ASSERT_FALSE(object.ok());
    EXPECT_EQ(base::Message(object.status()), c.why);
  }
}

TEST(StrictJson, DepthEndsTheReadingAtOnce) {
  EXPECT_TRUE(ParseJsonObject(R"({"a":[{}]})", 3).ok());
  const std::string deep = "{\"a\":" + std::string(1 << 20, '[');
  EXPECT_EQ(base::Message(ParseJsonObject(deep, 16).status()), "nested too deeply");
}

}  // namespace
}  // namespace esockets::broker
