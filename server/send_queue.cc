#include "server/send_queue.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>
#include <vector>

#include "server/gathered_send.h"
#include "server/limits.h"

namespace esockets::server {
using base::BlockSpan;

void SendQueue::Append(const BlockSpan& span, SendPool& pool) {
  if (span.empty()) return;
  bytes_.Add(span.size());
  if (first_.empty()) {
    first_ = span;
    return;
  }
  BlockSpan& last = more_ ? more_->back() : first_;
  if (last.IsFollowedBy(span)) {
    last.end = span.end;
    return;
  }
  if (!more_) more_ = pool.TakeRing();
  more_->PushBack(span);
}

FlushResult SendQueue::Flush(int fd, SocketApi& api, SendPool& pool, int* error) {
  if (empty()) return FlushResult::kEmpty;
  size_t offered = more_ ? 0 : first_.size();
  const ssize_t sent = more_ ? SendSeveral(fd, api, pool, &offered)
                             : api.Send(fd, first_.view().data(), first_.size());
  if (sent == -EAGAIN || sent == -EWOULDBLOCK) return FlushResult::kRefused;
  if (sent < 0) {
    *error = static_cast<int>(-sent);
    return FlushResult::kFailed;
  }
  Consume(static_cast<size_t>(sent), pool);
  if (empty()) return FlushResult::kEmpty;
  return static_cast<size_t>(sent) < offered ? FlushResult::kRefused : FlushResult::kMore;
}

ssize_t SendQueue::SendSeveral(int fd, SocketApi& api, SendPool& pool, size_t* offered) {
  std::array<iovec, kSpansPerSendMax> vectors;
  size_t count = 0;
  for (Cursor cursor(*this); !cursor.done() && count < vectors.size(); ++count) {
    vectors[count] = ToVector(cursor.Take(cursor.piece_bytes()));
    *offered += vectors[count].iov_len;
  }
  if (!IsBetterGathered(count, *offered)) return api.SendVector(fd, vectors.data(), count);
  *offered = Gather(pool.gather_buffer());
  return api.Send(fd, pool.gather_buffer(), *offered);
}

// Also those that had no room among the vectors.
size_t SendQueue::Gather(char* buffer) const {
  size_t bytes = 0;
  for (Cursor cursor(*this); !cursor.done();) {
    if (bytes + cursor.piece_bytes() > kGatherBytesMax) break;
    const std::string_view piece = cursor.Take(cursor.piece_bytes());
    std::memcpy(buffer + bytes, piece.data(), piece.size());
    bytes += piece.size();
  }
  return bytes;
}

std::string_view SendQueue::Cursor::Take(size_t bytes_max) {
  const std::string_view piece = left_.substr(0, bytes_max);
  left_.remove_prefix(piece.size());
  const bool more = left_.empty() && queue_.more_ && index_ < queue_.more_->size();
  if (more) left_ = (*queue_.more_)[index_++].view();
  return piece;
}

void SendQueue::Consume(size_t sent_bytes, SendPool& pool) {
  bytes_.Subtract(sent_bytes);
  if (sent_bytes > 0) mid_frame_ = false;  // a span ends with a frame
  while (!first_.empty() && sent_bytes >= first_.size()) {
    sent_bytes -= first_.size();
    PopFirst(pool);
  }
  if (sent_bytes == 0) return;
  first_.begin += static_cast<uint32_t>(sent_bytes);
  mid_frame_ = first_.block->FrameEnd(first_.begin - 1) != first_.begin;
}

void SendQueue::PopFirst(SendPool& pool) {
  if (!more_) {
    first_ = BlockSpan();
    return;
  }
  first_ = more_->PopFront();
  if (more_->empty()) pool.ReturnRing(std::move(more_));
}

void SendQueue::DropUnsentFrames(SendPool& pool, size_t promised_bytes) {
  std::vector<BlockSpan> kept;
  size_t wanted = std::max(promised_bytes, begun_frame_bytes());
  const auto keep = [&](const BlockSpan& span) {
    if (wanted == 0) return;
    const uint32_t last =
        span.begin + static_cast<uint32_t>(std::min<size_t>(wanted, span.size())) - 1;
    kept.push_back(BlockSpan{span.block, span.begin, span.block->FrameEnd(last)});
    wanted -= std::min<size_t>(wanted, span.size());
  };
  keep(first_);
  for (size_t i = 0; more_ && i < more_->size(); ++i) keep((*more_)[i]);
  const bool mid_frame = mid_frame_;
  Clear(pool);
  for (const BlockSpan& span : kept) Append(span, pool);
  mid_frame_ = mid_frame;
}

void SendQueue::Clear(SendPool& pool) {
  first_ = BlockSpan();
  if (more_) {
    more_->Clear();
    pool.ReturnRing(std::move(more_));
  }
  bytes_.Set(0);
  mid_frame_ = false;
}

template <typename Visitor>
void SendQueue::ForEachOldSpan(const CopyOutLook& look, Visitor visit) {
  const auto visit_if_old = [&](BlockSpan& span) {
    const base::CountedBlock& block = *span.block.get();
    if (block.pooled() && !block.kept_anyway() && block.time() < look.opened_before) visit(span);
  };
  if (empty()) return;
  visit_if_old(first_);
  for (size_t i = 0; more_ && i < more_->size(); ++i) visit_if_old((*more_)[i]);
}

void SendQueue::CountWaiting(const CopyOutLook& look) {
  ForEachOldSpan(look,
                 [&](BlockSpan& span) { span.block->CountWaiting(look.number, span.size()); });
}

void SendQueue::CopyOutOld(const CopyOutLook& look) {
  ForEachOldSpan(look, [&](BlockSpan& span) {
    if (span.block->WaitingBytes(look.number) <= span.block->capacity_bytes() / 2) {
      span = CopyOut(span);
    }
  });
}

}  // namespace esockets::server
