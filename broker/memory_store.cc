#include "broker/memory_store.h"

#include <algorithm>
#include <chrono>

#include "broker/page_builder.h"
#include "proto/message_frame.h"
#include "proto/server_frame_encoder.h"

namespace esockets::broker {
namespace {

constexpr size_t kChunkBytes = 64 << 10;

// The entry, and its place among its topic's.
static_assert(kKeptEntryBytes == sizeof(StoredChunk::Entry) + sizeof(uint64_t));

bool IsExpired(const StoredChunk& chunk, size_t index, base::TimePoint now) {
  const std::string_view frame = chunk.bytes().substr(chunk.begin(index), chunk.frame_bytes(index));
  const uint32_t ttl_ms = proto::LabelOfFrame(frame).ttl_ms;
  return ttl_ms != 0 && now - chunk.time(index) >= std::chrono::milliseconds(ttl_ms);
}

}  // namespace

// --- writing ------------------------------------------------------------------------------------

Messages MemoryStore::Append(const Messages& messages) {
  const uint32_t topic = topics_.FindOrAdd(messages.topic);
  appended_topic_ = topic;
  appended_class_ = messages.publisher_class;
  ends_.clear();
  const base::TimePoint now = clock_.Now();
  for (base::FrameSequence rest = messages.frames; !rest.empty(); rest.RemoveFirst(1)) {
    if (!AppendOne(rest.front(), messages, topic, now)) break;
  }
  const StoredChunk& chunk = *chunks_.back();
  Messages stored = messages;
  stored.stamped = true;
  stored.frames = {
      .bytes = chunk.bytes(), .begin = chunk.begin(chunk.size() - ends_.size()), .ends = ends_};
  stored.topic = proto::LabelOfFrame(stored.frames.front()).topic;
  return stored;
}

bool MemoryStore::AppendOne(std::string_view frame, const Messages& messages, uint32_t topic,
                            base::TimePoint now) {
  const std::string_view fields = proto::FieldsOfFrame(frame);
  const proto::MessageParts parts{
      .pieces = {&fields, 1},
      .stamp_time = stamps_.time,
      .time_us = stamps_.time ? static_cast<uint64_t>(clock_.WallMicros()) : 0,
      .stamp_publisher = stamps_.publisher,
      .publisher = messages.publisher,
      .position = last_ + 1};
  const size_t bytes = proto::MessageFrameSize(parts);
  if (chunks_.empty() || !chunks_.back()->Takes(bytes, now)) {
    if (!ends_.empty()) return false;
    OpenChunk(bytes, now);
  }
  StoredChunk& chunk = *chunks_.back();
  proto::EncodeMessageFrame(parts, chunk.room());
  ++last_;
  chunk.Add({.position = last_,
             .frame_bytes = static_cast<uint32_t>(bytes),
             .topic = topic,
             .ordinal = topics_.Add(topic, last_, limits_.messages_per_topic_max != 0),
             .publisher_class = messages.publisher_class,
             .expires = proto::LabelOfFrame({chunk.room(), bytes}).ttl_ms != 0},
            now);
  shares_.Add(messages.publisher_class, bytes + kKeptEntryBytes);
  ends_.push_back(chunk.entry(chunk.size() - 1).end);
  ++messages_;
  frame_bytes_ += bytes;
  return true;
}

void MemoryStore::OpenChunk(size_t frame_bytes, base::TimePoint now) {
  if (!chunks_.empty()) chunks_.back()->Close();
  // A small stream has small chunks: the last one is not full.
  const size_t usual = std::clamp<size_t>(limits_.bytes_max / 16, 1024, kChunkBytes);
  const auto capacity = static_cast<uint32_t>(std::max(usual, frame_bytes));
  chunks_.push_back(std::make_unique<StoredChunk>(
      last_ + 1, capacity, StoredChunk::Opened{.time = now, .wall_us = clock_.WallMicros()}));
}

// --- letting go ---------------------------------------------------------------------------------

void MemoryStore::Retain() {
  if (limits_.messages_per_topic_max != 0 && appended_topic_) {
    Thin(*appended_topic_, limits_.messages_per_topic_max);
  }
  appended_topic_.reset();
  RetainShare(appended_class_);
  while (messages_ > 0 && IsOver()) RemoveFirst();
}

bool MemoryStore::IsOver() {
  if (messages_ > limits_.messages_max) return true;
  if (frame_bytes_ + messages_ * kKeptEntryBytes > limits_.bytes_max) return true;
  if (limits_.age_max == base::Duration::zero()) return false;
  SkipGone();
  return clock_.Now() - chunks_.front()->time(first_index_) >= limits_.age_max;
}

void MemoryStore::Remove(std::string_view topic) {
  if (const auto slot = topics_.Find(topic)) Thin(*slot, 0);
}

// All but the last ones of a topic.
void MemoryStore::Thin(uint32_t topic, size_t keep) {
  for (size_t left = topics_[topic].messages; left > keep; --left) {
    const uint64_t position = topics_.OldestPosition(topic);
    const size_t at = ChunkOf(position);
    if (keep > 0) topics_.NoteLost(Loss::kOfTopic, topic, position);
    RemoveAt(at, chunks_[at]->IndexOf(position));
  }
}

void MemoryStore::LimitShares(std::vector<ShareLimits> limits) {
  shares_.SetLimits(std::move(limits));
  for (size_t number = 0; number < shares_.limited(); ++number) {
    RetainShare(static_cast<ClassNumber>(number));
  }
}

void MemoryStore::RetainShare(ClassNumber number) {
  while (shares_.IsOver(number)) RemoveOldestOf(number);
}

// What is passed on the way is never looked at again for this class.
void MemoryStore::RemoveOldestOf(ClassNumber number) {
  const uint64_t from = shares_.oldest_from(number);
  for (size_t at = ChunkOf(from); at < chunks_.size(); ++at) {
    const StoredChunk& chunk = *chunks_[at];
    if (!chunk.MayHave(number)) continue;
    for (size_t i = chunk.IndexOf(from); i < chunk.size(); ++i) {
      if (chunk.is_gone(i) || chunk.entry(i).publisher_class != number) continue;
      topics_.NoteLost(Loss::kOfClass, chunk.entry(i).topic, chunk.position(i));
      shares_.NoteLost(number, chunk.position(i));
      return RemoveAt(at, i);
    }
  }
}

void MemoryStore::RemoveAt(size_t chunk, size_t index) {
  LetGo(chunks_[chunk].get(), index);
  if (chunk + 1 == chunks_.size()) return;  // it is written to
  if (chunks_[chunk]->live() == 0) {
    if (chunk == 0) first_index_ = 0;
    chunks_.erase(chunks_.begin() + static_cast<std::ptrdiff_t>(chunk));
  } else if (auto compacted = chunks_[chunk]->Compacted()) {
    if (chunk == 0) first_index_ = 0;
    chunks_[chunk] = std::move(compacted);
  }
}

void MemoryStore::RemoveFirst() {
  SkipGone();
  gone_to_ = chunks_.front()->position(first_index_);
  LetGo(chunks_.front().get(), first_index_);
  if (chunks_.front()->live() > 0) return;
  chunks_.pop_front();
  first_index_ = 0;
}

// REQUIRES: there are messages.
void MemoryStore::SkipGone() {
  while (chunks_.front()->live() == 0) {
    chunks_.pop_front();
    first_index_ = 0;
  }
  while (chunks_.front()->is_gone(first_index_)) ++first_index_;
}

void MemoryStore::LetGo(StoredChunk* chunk, size_t index) {
  --messages_;
  frame_bytes_ -= chunk->frame_bytes(index);
  const StoredChunk::Entry entry = chunk->entry(index);
  shares_.Remove(static_cast<ClassNumber>(entry.publisher_class),
                 chunk->frame_bytes(index) + kKeptEntryBytes);
  topics_.Remove(entry.topic, chunk->position(index));
  chunk->LetGo(index);
}

// --- reading ------------------------------------------------------------------------------------

size_t MemoryStore::ChunkOf(uint64_t position) const {
  const auto behind = std::ranges::upper_bound(
      chunks_, position, {}, [](const auto& chunk) { return chunk->first_position(); });
  return behind == chunks_.begin() ? 0 : static_cast<size_t>(behind - chunks_.begin() - 1);
}

StoredPage MemoryStore::Read(const StoreRead& read) {
  TopicSelection selection(read.filter, &topics_);
  StoredPage page;
  page.hole = HoleFor(read.from, &selection, &page.told);
  page.next = read.from.after;
  PageBuilder builder(read.bytes_max);
  if (selection.is_literal() && limits_.messages_per_topic_max != 0) {
    page.at_head = ReadTopic(read, &selection, &page.next, &builder);
    if (page.at_head) page.next = std::max(page.next, std::min(last_, read.to));
    builder.Build(&page);
    return page;
  }
  uint32_t looks = 0;
  for (size_t at = ChunkOf(page.next + 1); at < chunks_.size(); ++at) {
    const StoredChunk& chunk = *chunks_[at];
    for (size_t i = chunk.IndexOf(page.next + 1); i < chunk.size(); ++i) {
      if (chunk.position(i) > read.to) {
        builder.Build(&page);
        page.at_head = true;
        return page;
      }
      const bool wanted = IsWanted(chunk, i, read, &selection);
      if (looks++ == read.looks_max || (wanted && !builder.Add(chunk, i))) {
        builder.Build(&page);
        return page;
      }
      page.next = chunk.position(i);
    }
  }
  builder.Build(&page);
  page.next = last_;
  page.at_head = true;
  return page;
}

// Where its messages are is known. Returns false when the page is full.
bool MemoryStore::ReadTopic(const StoreRead& read, TopicSelection* selection, uint64_t* next,
                            PageBuilder* builder) const {
  const std::optional<uint32_t> topic = selection->one();
  if (!topic) return true;
  for (const uint64_t position : topics_.PositionsOf(*topic)) {
    if (position <= *next) continue;
    if (position > read.to) break;
    const StoredChunk& chunk = *chunks_[ChunkOf(position)];
    const size_t index = chunk.IndexOf(position);
    if (IsWanted(chunk, index, read, selection) && !builder->Add(chunk, index)) return false;
    *next = position;
  }
  return true;
}

bool MemoryStore::IsWanted(const StoredChunk& chunk, size_t index, const StoreRead& read,
                           TopicSelection* selection) const {
  const StoredChunk::Entry& entry = chunk.entry(index);
  if (entry.topic == StoredChunk::kGone || !selection->Contains(entry.topic)) return false;
  if (read.last_of_each_topic != 0 && chunk.position(index) <= read.last_of_each_until &&
      topics_[entry.topic].last_ordinal - entry.ordinal >= read.last_of_each_topic) {
    return false;
  }
  return !chunk.any_expires() || !IsExpired(chunk, index, read.now);
}

// What a class loses is counted from where the last was told; unless it was lost in front of that.
StreamHole MemoryStore::HoleFor(const ReadPosition& from, TopicSelection* selection,
                                ReadPosition* told) const {
  const uint64_t gone_to = gone_to_ > std::max(from.after, from.gone_told) ? gone_to_ : 0;
  const uint64_t thinned_to =
      selection->LostBehind(Loss::kOfTopic, std::max(from.after, from.thinned_told));
  const bool is_late = topics_.late_losses(Loss::kOfClass) > from.late_losses_told &&
                       topics_.late_lost_to(Loss::kOfClass) > from.after;
  const uint64_t shares_from = is_late ? from.after : std::max(from.after, from.shares_told);
  const uint64_t shares_to = selection->LostBehind(Loss::kOfClass, shares_from);
  const uint64_t to = std::max({gone_to, thinned_to, shares_to});
  if (told != nullptr) {
    *told = {.after = from.after,
             .gone_told = std::max(from.gone_told, gone_to_),
             .thinned_told = std::max({from.thinned_told, thinned_to, gone_to}),
             .shares_told = std::max(from.shares_told, topics_.lost_to(Loss::kOfClass)),
             .late_losses_told = topics_.late_losses(Loss::kOfClass)};
  }
  if (to == 0) return {};
  const uint64_t after = std::max(gone_to, thinned_to) == 0 ? shares_from : from.after;
  return {after + 1, to, to - after - CountBetween(after, to)};
}

ReadPosition MemoryStore::Begin(uint64_t after) const {
  const uint64_t begin = std::max(after, gone_to_);
  return {.after = begin,
          .gone_told = begin,
          .thinned_told = last_,
          .shares_told = topics_.lost_to(Loss::kOfClass),
          .late_losses_told = topics_.late_losses(Loss::kOfClass)};
}

uint64_t MemoryStore::CountBetween(uint64_t after, uint64_t to) const {
  uint64_t count = 0;
  for (size_t at = ChunkOf(after + 1); at < chunks_.size(); ++at) {
    const StoredChunk& chunk = *chunks_[at];
    if (chunk.first_position() > to) break;
    if (chunk.first_position() > after && chunk.position(chunk.size() - 1) <= to) {
      count += chunk.live();
      continue;
    }
    for (size_t i = chunk.IndexOf(after + 1); i < chunk.size() && chunk.position(i) <= to; ++i) {
      if (!chunk.is_gone(i)) ++count;
    }
  }
  return count;
}

bool MemoryStore::HasAllBehind(uint64_t position, std::string_view filter) const {
  TopicSelection selection(filter, &topics_);
  return HoleFor({.after = position}, &selection).empty();
}

uint64_t MemoryStore::BeforeTime(int64_t wall_us) const {
  for (const auto& chunk : chunks_) {
    const size_t index = chunk->IndexSince(wall_us);
    if (index < chunk->size()) return chunk->position(index) - 1;
  }
  return last_;
}

uint64_t MemoryStore::BeforeLast(uint64_t messages, std::string_view filter) const {
  if (messages == 0) return last_;
  TopicSelection selection(filter, &topics_);
  for (size_t at = chunks_.size(); at-- > 0;) {
    const StoredChunk& chunk = *chunks_[at];
    for (size_t i = chunk.size(); i-- > 0;) {
      if (chunk.is_gone(i) || !selection.Contains(chunk.entry(i).topic)) continue;
      if (--messages == 0) return chunk.position(i) - 1;
    }
  }
  return gone_to_;
}

std::optional<uint64_t> MemoryStore::BytesOf(std::string_view topic) const {
  const auto slot = topics_.Find(topic);
  if (!slot) return std::nullopt;
  uint64_t bytes = 0;
  for (const uint64_t position : topics_.PositionsOf(*slot)) {
    const StoredChunk& chunk = *chunks_[ChunkOf(position)];
    bytes += chunk.frame_bytes(chunk.IndexOf(position));
  }
  return bytes;
}

std::optional<ClassNumber> MemoryStore::ClassOf(std::string_view topic) const {
  const auto slot = topics_.Find(topic);
  if (!slot) return std::nullopt;
  const uint64_t position = topics_.PositionsOf(*slot).back();
  const StoredChunk& chunk = *chunks_[ChunkOf(position)];
  return static_cast<ClassNumber>(chunk.entry(chunk.IndexOf(position)).publisher_class);
}

StoreFigures MemoryStore::figures() const {
  StoreFigures figures{.first = last_ + 1,
                       .last = last_,
                       .messages = messages_,
                       .bytes = frame_bytes_,
                       .memory_bytes = topics_.memory_bytes(),
                       .topics = topics_.size()};
  for (const auto& chunk : chunks_) {
    figures.memory_bytes += chunk->memory_bytes();
    for (size_t i = 0; i < chunk->size() && !figures.oldest; ++i) {
      if (chunk->is_gone(i)) continue;
      figures.first = chunk->position(i);
      figures.oldest = chunk->time(i);
    }
  }
  return figures;
}

}  // namespace esockets::broker
