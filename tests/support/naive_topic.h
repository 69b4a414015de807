// The rules of topics and filters, written again: slowly, from the rules alone, and with
// other means than base/topic and base/utf8. Tests and fuzzers hold the two equal.
#ifndef TESTS_SUPPORT_NAIVE_TOPIC_H_
#define TESTS_SUPPORT_NAIVE_TOPIC_H_

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/topic.h"

namespace esockets::tests {

bool NaiveIsValidUtf8(std::string_view text);
std::vector<std::string> NaiveLevels(std::string_view text);
base::TopicError NaiveCheckTopic(std::string_view topic, const base::TopicLimits& limits);
base::TopicError NaiveCheckFilter(std::string_view filter, const base::TopicLimits& limits);
bool NaiveFilterMatches(std::string_view filter, std::string_view topic);

// The same for few filters and topics, asked again and again.
class NaiveMatcher {
 public:
  bool operator()(const std::string& filter, const std::string& topic) {
    const auto [known, is_new] = known_.try_emplace({filter, topic}, false);
    if (is_new) known->second = NaiveFilterMatches(filter, topic);
    return known->second;
  }

 private:
  std::map<std::pair<std::string, std::string>, bool> known_;
};

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_NAIVE_TOPIC_H_
