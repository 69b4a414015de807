// Gathers stored messages for a reader: where they lie, if they lie back to back, or a copy.
// Thread: the stream's loop.
#ifndef BROKER_PAGE_BUILDER_H_
#define BROKER_PAGE_BUILDER_H_

#include <cstddef>
#include <cstdint>
#include <vector>

#include "broker/message_store.h"
#include "broker/stored_chunk.h"

namespace esockets::broker {

class PageBuilder {
 public:
  explicit PageBuilder(uint32_t bytes_max) : bytes_max_(bytes_max) {}

  // False: the page is full, or what it has is better sent as it lies.
  bool Add(const StoredChunk& chunk, size_t index);

  // Of messages that are all there still.
  void Build(StoredPage* page) const;

 private:
  struct Piece {
    const StoredChunk* chunk;
    size_t begin;  // indices
    size_t end;
  };

  bool IsNextChunk(const StoredChunk& chunk, size_t index) const;

  const uint32_t bytes_max_;
  uint32_t bytes_ = 0;
  std::vector<Piece> pieces_;
};

}  // namespace esockets::broker

#endif  // BROKER_PAGE_BUILDER_H_
