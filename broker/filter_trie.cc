#include "broker/filter_trie.h"

#include <cassert>
#include <utility>

namespace esockets::broker {
namespace {

bool EndsInHash(std::string_view filter) { return filter.back() == '#'; }

}  // namespace

FilterTrie::Node* FilterTrie::Child(const Node* parent, std::string_view level) const {
  if (level == "+") return parent->plus;
  return parent->literal_children == 0 ? nullptr : nodes_.Find({parent, level});
}

FilterTrie::Node* FilterTrie::MakeChild(Node* parent, std::string_view level) {
  Node::Ptr node = Node::Make(level, parent);
  node->SetHash();
  Node* made = nodes_.Insert(std::move(node));
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

void FilterTrie::Match(std::span<const std::string_view> topics, std::vector<Hit>* hits) const {
  walks_.clear();
  places_.clear();
  for (size_t i = 0; i < topics.size(); ++i) {
    walks_.push_back({.at = base::LevelCursor(topics[i])});
    places_.push_back({root_.get(), i});
  }
  // A wildcard at the beginning does not match what begins with '$'.
  for (bool at_root = true; !places_.empty(); at_root = false) {
    ways_.clear();
    next_places_.clear();
    for (const Place& place : places_) {
      const bool wildcards = !at_root || !base::IsReserved(topics[place.topic]);
      Look(place, wildcards, hits);
    }
    GoOn();
    places_.swap(next_places_);
    for (Walk& walk : walks_) {
      if (!walk.at.done()) walk.at.Next();
      walk.level_hash.reset();
    }
  }
}

// Takes the filters that end here, and notes the ways on.
void FilterTrie::Look(const Place& place, bool wildcards, std::vector<Hit>* hits) const {
  const Node& node = *place.node;
  Walk& walk = walks_[place.topic];
  // Even with nothing left: "a/#" also matches "a".
  if (wildcards && node.below) hits->push_back({place.topic, node.below.get()});
  if (walk.at.done()) {
    if (node.exact) hits->push_back({place.topic, node.exact.get()});
    return;
  }
  if (node.literal_children > 0) {
    if (!walk.level_hash) walk.level_hash = base::StringHash()(walk.at.level());
    ways_.push_back({place, Step(node, *walk.level_hash)});
    nodes_.PrefetchSlot(ways_.back().hash);
  }
  if (wildcards && node.plus != nullptr) {
    __builtin_prefetch(node.plus);
    next_places_.push_back({node.plus, place.topic});
  }
}

// Those of the ways that lead on.
void FilterTrie::GoOn() const {
  for (Way& way : ways_) way.candidate = nodes_.Candidate(way.hash);
  for (const Way& way : ways_) {
    const std::string_view level = walks_[way.from.topic].at.level();
    const Node* child = nodes_.Find({way.from.node, level}, way.hash, way.candidate);
    if (child != nullptr) next_places_.push_back({child, way.from.topic});
  }
}

}  // namespace esockets::broker
