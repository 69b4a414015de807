// Messages of a group, by number, with nothing in them.
#ifndef TESTS_SUPPORT_GROUP_MESSAGES_H_
#define TESTS_SUPPORT_GROUP_MESSAGES_H_

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <vector>

#include "broker/group_message.h"

namespace esockets::tests {

inline constexpr uint32_t kGroupFrameBytes = 10;

inline broker::GroupMessage GroupMessageOf(uint64_t number, uint64_t key = 0) {
  broker::GroupMessage message;
  message.number = number;
  message.key = key;
  message.frame = {.bytes = std::make_shared<char[]>(kGroupFrameBytes), .size = kGroupFrameBytes};
  return message;
}

inline std::vector<broker::GroupMessage> GroupMessagesOf(std::initializer_list<uint64_t> numbers) {
  std::vector<broker::GroupMessage> messages;
  for (const uint64_t number : numbers) messages.push_back(GroupMessageOf(number));
  return messages;
}

inline std::vector<uint64_t> NumbersOf(const std::vector<broker::GroupMessage>& messages) {
  std::vector<uint64_t> numbers;
  for (const broker::GroupMessage& message : messages) numbers.push_back(message.number);
  return numbers;
}

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_GROUP_MESSAGES_H_
