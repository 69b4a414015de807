// The input is a topic or filter, the same as a filter and a topic cut at the first line
// feed. The product and the naive rules must agree on both.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "base/topic.h"
#include "base/utf8.h"
#include "tests/support/naive_topic.h"

namespace {

namespace base = esockets::base;
namespace tests = esockets::tests;

void Require(bool condition) {
  if (!condition) std::abort();
}

void Check(std::string_view text) {
  for (const base::TopicLimits& limits :
       {base::TopicLimits{}, base::TopicLimits{.topic_bytes_max = 16, .topic_levels_max = 3}}) {
    const base::TopicError topic = base::CheckTopic(text, limits);
    const base::TopicError filter = base::CheckFilter(text, limits);
    Require(topic == tests::NaiveCheckTopic(text, limits));
    Require(filter == tests::NaiveCheckFilter(text, limits));
    if (filter == base::TopicError::kOk) {
      Require(base::IsLiteral(text) == (topic == base::TopicError::kOk));
    }
  }
  Require(base::IsValidUtf8(text) == tests::NaiveIsValidUtf8(text));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  Check(input);
  const size_t cut = input.find('\n');
  if (cut == std::string_view::npos) return 0;
  const std::string_view filter = input.substr(0, cut);
  const std::string_view topic = input.substr(cut + 1);
  Check(filter);
  Check(topic);
  const bool matches = base::FilterMatches(filter, topic);
  if (base::CheckFilter(filter, {}) == base::TopicError::kOk &&
      base::CheckTopic(topic, {}) == base::TopicError::kOk) {
    Require(matches == tests::NaiveFilterMatches(filter, topic));
  }
  return 0;
}
