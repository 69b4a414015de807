// The filters with wildcards, by levels.
#ifndef BROKER_FILTER_TRIE_H_
#define BROKER_FILTER_TRIE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "absl/hash/hash.h"
#include "base/strings.h"
#include "base/topic.h"
#include "broker/indexed_filter.h"
#include "broker/sharded_set.h"
#include "broker/text_object.h"

namespace esockets::broker {

// A topic is walked down from the root: at each node to the child of its next level, and
// to the child '+'. Filters that do not begin like the topic are never looked at. Several topics
// are walked side by side, a level at a time: while the memory that one waits for is fetched,
// another is looked at.
//
// Children are not kept in their parents: one set of all nodes finds them by (parent,
// level). So a node costs 56 bytes and its level, whether it has one child or a million.
//
// Thread: that of the index. Owns: its filters and nodes.
class FilterTrie {
 public:
  FilterTrie() : root_(Node::Make("", nullptr)) {}

  // nullptr if it is not here.
  IndexedFilter* Find(std::string_view filter) const;
  // REQUIRES: `filter` is valid and not here
  IndexedFilter* Add(std::string_view filter);
  // Destroys it, and the nodes that led only to it; `filter` may be its own text.
  // REQUIRES: `filter` is here
  void Erase(std::string_view filter);

  // At most so many topics side by side.
  static constexpr size_t kTopicsMax = 16;

  // A filter that matches topics[topic].
  struct Hit {
    size_t topic;
    const IndexedFilter* filter;
  };
  // Appends every filter that matches one of the topics; those of one topic in no promised order.
  // REQUIRES: CheckTopic says kOk of each, and there are at most kTopicsMax.
  void Match(std::span<const std::string_view> topics, std::vector<Hit>* hits) const;

  size_t filters() const { return filters_; }
  // Without the root.
  size_t nodes() const { return nodes_.size(); }
  // Of nodes and tables, without the filters.
  size_t bytes() const { return sizeof(*this) + node_bytes_ + nodes_.table_bytes(); }

 private:
  struct Node;

  // A child as seen from its parent.
  struct Edge {
    bool operator==(const Edge&) const = default;

    const Node* parent;
    std::string_view level;
  };
  struct EdgeHash {
    size_t operator()(const Edge& edge) const {
      return Step(*edge.parent, base::StringHash()(edge.level));
    }
  };

  // Its text is the last level of the path that leads here.
  struct Node final : TextObject<Node> {
    using KeyHash = EdgeHash;

    explicit Node(Node* node_parent) : parent(node_parent) {}
    // Its own hash among the nodes, from which those of its children follow.
    void SetHash() { hash = EdgeHash()(key()); }

    Edge key() const { return {parent, text()}; }
    bool unused() const { return !plus && !exact && !below && literal_children == 0; }

    uint32_t literal_children = 0;
    Node* const parent;
    size_t hash = 0;
    Node* plus = nullptr;      // child of the level '+'
    IndexedFilter::Ptr exact;  // the filter that ends here
    IndexedFilter::Ptr below;  // the filter that ends here with a further level '#'
  };

  Node* Child(const Node* parent, std::string_view level) const;
  Node* MakeChild(Node* parent, std::string_view level);
  Node* Descend(std::string_view filter) const;
  void Prune(Node* node);

  // A topic on its walk: what is left of it, and the hash of its next level, if it was asked for.
  struct Walk {
    base::LevelCursor at;
    std::optional<size_t> level_hash;
  };
  // A node that a topic's walk has come to.
  struct Place {
    const Node* node;
    size_t topic;
  };
  // A child that it may go on to.
  struct Way {
    Place from;
    size_t hash;
    Node* candidate = nullptr;
  };
  static size_t Step(const Node& parent, size_t level_hash) {
    return absl::HashOf(parent.hash, level_hash);
  }
  void Look(const Place& place, bool wildcards, std::vector<Hit>* hits) const;
  void GoOn() const;

  Node::Ptr root_;
  // Of a match, kept so that it need not allocate.
  mutable std::vector<Walk> walks_;
  mutable std::vector<Place> places_;
  mutable std::vector<Place> next_places_;
  mutable std::vector<Way> ways_;
  ShardedSet<Node> nodes_;
  size_t filters_ = 0;
  size_t node_bytes_ = 0;
};

}  // namespace esockets::broker

#endif  // BROKER_FILTER_TRIE_H_
