#include "broker/inbox_names.h"

#include <set>
#include <string>

#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

InboxKey Key(uint8_t number) {
  InboxKey key;
  key.bytes.fill(number);
  return key;
}

TEST(InboxNames, AreReadBackWhateverTheOwner) {
  const InboxNames names(Key(1));
  std::set<std::string> all;
  for (const uint32_t loop : {0U, 1U, 63U}) {
    for (const uint64_t session : {uint64_t{0}, uint64_t{1}, uint64_t{1} << 40, ~uint64_t{0}}) {
      const InboxNames::Owner owner{.loop = loop, .session = session};
      const std::string name = names.NameOf(owner);
      EXPECT_EQ(name, names.NameOf(owner));
      EXPECT_EQ(names.OwnerOf(name), owner);
      EXPECT_EQ(names.OwnerOf(name + "/"), owner);
      EXPECT_EQ(names.OwnerOf(name + "/7/a"), owner);
      all.insert(name);
    }
  }
  EXPECT_EQ(all.size(), 12U);
}

// A different hash for each owner, not only another number in front of it.
TEST(InboxNames, SayNothingOfEachOther) {
  const InboxNames names(Key(1));
  const std::string one = names.NameOf({.loop = 0, .session = 1});
  const std::string two = names.NameOf({.loop = 0, .session = 2});
  EXPECT_NE(one.substr(one.size() - 12), two.substr(two.size() - 12));
}

TEST(InboxNames, OfNobody) {
  const InboxNames names(Key(1));
  const std::string name = names.NameOf({.loop = 1, .session = 2});
  for (const std::string& topic :
       {std::string(), std::string("$INBOX"), std::string("$INBOX/"), std::string("$INBOX//a"),
        std::string("$INBOX/1"), name + "x", name.substr(0, name.size() - 1), "a" + name,
        name.substr(1), std::string("$INBOX/") + std::string(24, ' '),
        std::string("$INBOX/") + std::string(24, 'A')}) {
    EXPECT_EQ(names.OwnerOf(topic), std::nullopt) << topic;
  }
  for (size_t i = std::string_view("$INBOX/").size(); i < name.size(); ++i) {
    std::string forged = name;
    forged[i] = forged[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(names.OwnerOf(forged), std::nullopt) << forged;
  }
}

TEST(InboxNames, OfAnotherBroker) {
  const InboxNames names(Key(1));
  EXPECT_EQ(names.OwnerOf(InboxNames(Key(2)).NameOf({.loop = 0, .session = 1})), std::nullopt);
  EXPECT_NE(InboxKey::Random().bytes, InboxKey::Random().bytes);
}

}  // namespace
}  // namespace esockets::broker
