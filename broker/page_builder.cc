#include "broker/page_builder.h"

#include <cstring>
#include <memory>

namespace esockets::broker {
namespace {

// So much that lies back to back is a page of its own: no more is copied to lengthen it.
constexpr uint32_t kSharedBytesMin = 4 << 10;

}  // namespace

bool PageBuilder::Add(const StoredChunk& chunk, size_t index) {
  const uint32_t bytes = chunk.frame_bytes(index);
  if (bytes_ > 0 && bytes_ + bytes > bytes_max_) return false;
  const bool goes_on =
      !pieces_.empty() && pieces_.back().chunk == &chunk && pieces_.back().end == index;
  if (goes_on) {
    ++pieces_.back().end;
  } else if (pieces_.size() == 1 && (bytes_ >= kSharedBytesMin || IsNextChunk(chunk, index))) {
    return false;
  } else {
    pieces_.push_back({&chunk, index, index + 1});
  }
  bytes_ += bytes;
  return true;
}

// From the end of one chunk to the beginning of another that is worth a page of its own.
bool PageBuilder::IsNextChunk(const StoredChunk& chunk, size_t index) const {
  const Piece& last = pieces_.back();
  return last.end == last.chunk->size() && index == 0 && chunk.bytes().size() >= kSharedBytesMin;
}

void PageBuilder::Build(StoredPage* page) const {
  if (pieces_.empty()) return;
  if (pieces_.size() == 1) {
    const Piece& all = pieces_.front();
    page->keeper = all.chunk->keeper();
    page->bytes = all.chunk->bytes();
    page->begin = all.chunk->begin(all.begin);
    for (size_t i = all.begin; i < all.end; ++i) page->ends.push_back(all.chunk->entry(i).end);
    return;
  }
  const auto copy = std::make_shared_for_overwrite<char[]>(bytes_);
  uint32_t used = 0;
  for (const Piece& piece : pieces_) {
    for (size_t i = piece.begin; i < piece.end; ++i) {
      const uint32_t bytes = piece.chunk->frame_bytes(i);
      std::memcpy(copy.get() + used, piece.chunk->bytes().data() + piece.chunk->begin(i), bytes);
      used += bytes;
      page->ends.push_back(used);
    }
  }
  page->bytes = {copy.get(), bytes_};
  page->keeper.bytes = copy;
}

}  // namespace esockets::broker
