#include "clients/cpp/presence_book.h"

#include <initializer_list>
#include <string>

#include "base/strings.h"
#include "gtest/gtest.h"
#include "proto/presence.pb.h"

namespace esockets::client {
namespace {

using Names = std::initializer_list<const char*>;

class PresenceBookTest : public testing::Test {
 protected:
  static esockets::PresenceUpdate Update(uint64_t version, Names joined, Names left, uint64_t count,
                                         uint64_t epoch = 9) {
    esockets::PresenceUpdate update;
    update.set_epoch(epoch);
    update.set_version(version);
    update.set_count(count);
    for (const char* id : joined) update.add_joined()->set_client_id(id);
    for (const char* id : left) update.add_left()->set_client_id(id);
    return update;
  }
  static esockets::PresenceRoster Page(uint64_t version, Names members, uint64_t count,
                                       const std::string& next = "", uint64_t epoch = 9) {
    esockets::PresenceRoster page;
    page.set_epoch(epoch);
    page.set_version(version);
    page.set_count(count);
    page.set_next(next);
    for (const char* id : members) page.add_members()->set_client_id(id);
    return page;
  }
  // "first +a -b (3)"; "" for none.
  std::string News() {
    const auto news = book_.TakeNews();
    if (!news) return "";
    std::string line = news->first ? "first" : "then";
    for (const auto& member : news->joined) line += " +" + member.client_id;
    for (const auto& member : news->left) line += " -" + member.client_id;
    return base::StrCat(line, " (", news->count, ")");
  }
  void Read(const esockets::PresenceRoster& page) {
    book_.BeginReading();
    book_.OnPage(page);
  }

  PresenceBook book_;
};

TEST_F(PresenceBookTest, TellsTheRosterAndThenWhatChanges) {
  EXPECT_TRUE(book_.must_read());
  book_.BeginReading();
  EXPECT_EQ(book_.next_page(), "");
  EXPECT_EQ(News(), "");
  book_.OnPage(Page(3, {"a", "b"}, 3, "b"));
  EXPECT_EQ(book_.next_page(), "b");
  EXPECT_EQ(News(), "");
  book_.OnPage(Page(3, {"c"}, 3));
  EXPECT_FALSE(book_.next_page());
  EXPECT_EQ(News(), "first +a +b +c (3)");
  EXPECT_EQ(News(), "");
  book_.OnUpdate(Update(4, {"d"}, {"a"}, 3));
  EXPECT_EQ(News(), "then +d -a (3)");
  EXPECT_FALSE(book_.must_read());
}

TEST_F(PresenceBookTest, AnEmptyRosterIsToldToo) {
  Read(Page(0, {}, 0, "", 0));
  EXPECT_EQ(News(), "first (0)");
  book_.OnUpdate(Update(1, {"a"}, {}, 1));
  EXPECT_EQ(News(), "then +a (1)");
}

TEST_F(PresenceBookTest, PagesOfSeveralVersionsArePutTogether) {
  book_.BeginReading();
  book_.OnUpdate(Update(4, {"x"}, {}, 9));  // in the first page
  book_.OnPage(Page(5, {"b", "d"}, 4, "d"));
  book_.OnUpdate(Update(6, {"a", "f"}, {"b", "e"}, 4));
  book_.OnPage(Page(6, {"f", "g"}, 4));
  EXPECT_EQ(News(), "first +a +d +f +g (4)");
  book_.OnUpdate(Update(7, {}, {"g"}, 3));
  EXPECT_EQ(News(), "then -g (3)");
}

// The client is behind: what is older than a page comes after it.
TEST_F(PresenceBookTest, OlderUpdatesChangeNoNewerPage) {
  book_.BeginReading();
  book_.OnPage(Page(5, {"a"}, 3, "m"));
  book_.OnPage(Page(7, {"x"}, 2));
  book_.OnUpdate(Update(6, {"b", "y"}, {"a"}, 4));
  book_.OnUpdate(Update(7, {}, {"b", "y"}, 2));
  EXPECT_EQ(News(), "first +x (2)");
  EXPECT_FALSE(book_.must_read());
}

TEST_F(PresenceBookTest, WhatIsMissedMustBeReadAgain) {
  Read(Page(3, {"a"}, 1));
  EXPECT_EQ(News(), "first +a (1)");
  book_.OnUpdate(Update(5, {"c"}, {}, 3));
  EXPECT_TRUE(book_.must_read());
  EXPECT_EQ(News(), "");
  Read(Page(5, {"b", "c"}, 2));
  EXPECT_EQ(News(), "then +b +c -a (2)");
  book_.OnUpdate(Update(6, {}, {}, 3, /*epoch=*/8));
  EXPECT_TRUE(book_.must_read());
}

TEST_F(PresenceBookTest, WhatAnIncompleteUpdateNamesIsToldAtOnce) {
  Read(Page(3, {"a"}, 1));
  News();
  auto update = Update(4, {"b"}, {}, 700);
  update.set_incomplete(true);
  book_.OnUpdate(update);
  EXPECT_EQ(News(), "then +b (700)");
  EXPECT_TRUE(book_.must_read());
  Read(Page(4, {"a", "b", "c"}, 3));
  EXPECT_EQ(News(), "then +c (3)");
}

TEST_F(PresenceBookTest, AnEpochThatBeginsNeedsNoReading) {
  Read(Page(3, {"a"}, 1));
  News();
  book_.OnUpdate(Update(1, {"b"}, {}, 1, /*epoch=*/10));
  EXPECT_EQ(News(), "then +b -a (1)");
  EXPECT_FALSE(book_.must_read());
}

TEST_F(PresenceBookTest, PagesOfTwoEpochsAreNoRoster) {
  book_.BeginReading();
  book_.OnPage(Page(3, {"a"}, 2, "a"));
  book_.OnPage(Page(1, {"b"}, 2, "", /*epoch=*/10));
  EXPECT_TRUE(book_.must_read());
  EXPECT_EQ(News(), "");
}

TEST_F(PresenceBookTest, AnotherNameIsNews) {
  Read(Page(3, {"a"}, 1));
  News();
  auto update = Update(4, {"a"}, {}, 1);
  update.mutable_joined(0)->set_name("Ann");
  book_.OnUpdate(update);
  EXPECT_EQ(News(), "then +a (1)");
  EXPECT_EQ(book_.members().at("a").name, "Ann");
}

}  // namespace
}  // namespace esockets::client
