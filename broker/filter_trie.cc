#include "broker/filter_trie.h"

#include <cassert>

namespace esockets::broker {
namespace {

bool EndsInHash(std::string_view filter) { return filter.back() == '#'; }

}  // namespace

FilterTrie::Node* FilterTrie::Child(const Node* parent, std::string_view level) const {
  if (level == "+") return parent->plus;
  return parent->literal_children == 0 ? nullptr : nodes_.Find({parent, level});
}

FilterTrie::Node* FilterTrie::MakeChild(Node* parent, std::string_view level) {
  Node* made = nodes_.Insert(Node::Make(level, parent));
  node_bytes_ += made->bytes();
  if (level == "+") {
    parent->plus = made;
  } else {
    ++parent->literal_children;
  }
  return made;
}

// The node of the filter's path, which a last '#' is no part of; nullptr if there is none.
FilterTrie::Node* FilterTrie::Descend(std::string_view filter) const {
  Node* node = root_.get();
  for (base::LevelCursor at(filter); !at.done() && node != nullptr; at.Next()) {
    if (at.level() == "#") break;
    node = Child(node, at.level());
  }
  return node;
}

IndexedFilter* FilterTrie::Find(std::string_view filter) const {
  const Node* node = Descend(filter);
  if (node == nullptr) return nullptr;
  return (EndsInHash(filter) ? node->below : node->exact).get();
}

IndexedFilter* FilterTrie::Add(std::string_view filter) {
  assert(Find(filter) == nullptr);
  Node* node = root_.get();
  for (base::LevelCursor at(filter); !at.done(); at.Next()) {
    if (at.level() == "#") break;
    Node* child = Child(node, at.level());
    node = child != nullptr ? child : MakeChild(node, at.level());
  }
  IndexedFilter::Ptr& end = EndsInHash(filter) ? node->below : node->exact;
  end = IndexedFilter::Make(filter);
  ++filters_;
  return end.get();
}

void FilterTrie::Erase(std::string_view filter) {
  Node* node = Descend(filter);
  assert(node != nullptr);
  (EndsInHash(filter) ? node->below : node->exact).reset();
  --filters_;
  Prune(node);
}

void FilterTrie::Prune(Node* node) {
  while (node != root_.get() && node->unused()) {
    Node* parent = node->parent;
    if (parent->plus == node) {
      parent->plus = nullptr;
    } else {
      --parent->literal_children;
    }
    node_bytes_ -= node->bytes();
    nodes_.Erase(node);
    node = parent;
  }
}

// `at` is what the path to `node` has left of the topic. No deeper than the topic has levels.
void FilterTrie::Visit(const Node& node, base::LevelCursor at, bool wildcards,
                       std::vector<Subscriber*>* matched) const {
  // Even with nothing left: "a/#" also matches "a".
  if (wildcards && node.below) node.below->subscribers.AppendTo(matched);
  if (at.done()) {
    if (node.exact) node.exact->subscribers.AppendTo(matched);
    return;
  }
  const std::string_view level = at.level();
  at.Next();
  if (node.literal_children > 0) {
    const Node* child = nodes_.Find({&node, level});
    if (child != nullptr) Visit(*child, at, true, matched);
  }
  if (wildcards && node.plus != nullptr) Visit(*node.plus, at, true, matched);
}

}  // namespace esockets::broker
