#include "server/send_queue.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

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
  size_t offered = first_.size();
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
  *offered = 0;
  const auto add = [&](const BlockSpan& span) {
    vectors[count++] = {const_cast<char*>(span.view().data()), span.size()};
    *offered += span.size();
  };
  add(first_);
  for (size_t i = 0; i < more_->size() && count < vectors.size(); ++i) add((*more_)[i]);
  if (*offered > count * kGatherSpanBytesMax || *offered > kGatherBytesMax) {
    return api.SendVector(fd, vectors.data(), count);
  }
  *offered = Gather(pool.gather_buffer());
  return api.Send(fd, pool.gather_buffer(), *offered);
}

// Small spans are copied together: one send of contiguous bytes is cheaper than the kernel's walk
// over many short iovecs, and takes more of them.
size_t SendQueue::Gather(char* buffer) {
  size_t bytes = 0;
  const auto take = [&](const BlockSpan& span) {
    if (bytes + span.size() > kGatherBytesMax) return false;
    std::memcpy(buffer + bytes, span.view().data(), span.size());
    bytes += span.size();
    return true;
  };
  take(first_);
  for (size_t i = 0; i < more_->size() && take((*more_)[i]); ++i) continue;
  return bytes;
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

void SendQueue::DropUnsentFrames(SendPool& pool) {
  BlockSpan begun;
  if (mid_frame_) {
    begun = BlockSpan{first_.block, first_.begin, first_.block->FrameEnd(first_.begin)};
  }
  const bool mid_frame = mid_frame_;
  Clear(pool);
  Append(begun, pool);
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
