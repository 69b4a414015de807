#include "broker/filter_trie.h"

#include <string_view>

#include "gtest/gtest.h"

namespace esockets::broker {
namespace {

TEST(FilterTrie, NodesAreSharedAndPruned) {
  FilterTrie trie;
  const size_t unused = trie.bytes();
  constexpr struct {
    std::string_view filter;
    size_t nodes;  // after it was added to those before it
  } kSteps[] = {
      {"#", 0},     {"+", 1},     {"+/#", 1}, {"a/+", 3},
      {"a/b/#", 4}, {"a/+/c", 5}, {"a/#", 5}, {"//+", 8},
  };
  size_t filters = 0;
  for (const auto& step : kSteps) {
    SCOPED_TRACE(step.filter);
    EXPECT_EQ(trie.Find(step.filter), nullptr);
    IndexedFilter* added = trie.Add(step.filter);
    EXPECT_EQ(added->text(), step.filter);
    EXPECT_EQ(trie.Find(step.filter), added);
    EXPECT_EQ(trie.nodes(), step.nodes);
    EXPECT_EQ(trie.filters(), ++filters);
  }
  EXPECT_GT(trie.bytes(), unused);
  trie.Erase("a/+");
  EXPECT_EQ(trie.nodes(), 8u);  // "a/+/c" still leads through it
  trie.Erase("a/+/c");
  EXPECT_EQ(trie.nodes(), 6u);
  trie.Erase("a/b/#");
  trie.Erase("a/#");
  EXPECT_EQ(trie.nodes(), 4u);
  trie.Erase(trie.Find("//+")->text());
  trie.Erase("+");
  EXPECT_EQ(trie.nodes(), 1u);
  trie.Erase("+/#");
  trie.Erase("#");
  EXPECT_EQ(trie.nodes(), 0u);
  EXPECT_EQ(trie.filters(), 0u);
  EXPECT_EQ(trie.Find("#"), nullptr);
}

}  // namespace
}  // namespace esockets::broker
