// The rules of topics and filters, written again: slowly, from the rules alone, and with
// other means than base/topic and base/utf8. Tests and fuzzers hold the two equal.
#ifndef TESTS_SUPPORT_NAIVE_TOPIC_H_
#define TESTS_SUPPORT_NAIVE_TOPIC_H_

#include <string>
#include <string_view>
#include <vector>

#include "base/topic.h"

namespace esockets::tests {

bool NaiveIsValidUtf8(std::string_view text);
std::vector<std::string> NaiveLevels(std::string_view text);
base::TopicError NaiveCheckTopic(std::string_view topic, const base::TopicLimits& limits);
base::TopicError NaiveCheckFilter(std::string_view filter, const base::TopicLimits& limits);
bool NaiveFilterMatches(std::string_view filter, std::string_view topic);

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_NAIVE_TOPIC_H_
