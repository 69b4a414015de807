#include "broker/stream_home.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "proto/message_frame.h"

namespace esockets::broker {

StreamHome::StreamHome(const StreamRule* rule, std::unique_ptr<MessageStore> store,
                       const base::Clock* clock)
    : rule_(*rule),
      store_(std::move(store)),
      clock_(*clock),
      epoch_(static_cast<uint64_t>(clock->WallMicros())),
      ids_(rule->message_ids) {
  if (rule->last_values) quota_.emplace(*rule->last_values, clock);
}

void StreamHome::SetClasses(const ClientClasses& classes) {
  std::vector<ShareLimits> shares;
  for (const ClientClass& one : classes.all()) {
    const size_t number = classes.NumberOf(one);
    shares.resize(std::max(shares.size(), number + 1));
    const KeptLimits& kept = one.kept;
    shares[number] = quota_ ? ShareLimits{kept.last_value_topics_max, kept.last_value_bytes_max}
                            : ShareLimits{kept.stream_messages_max, kept.stream_bytes_max};
  }
  quota_ ? quota_->SetShares(std::move(shares)) : store_->LimitShares(std::move(shares));
}

uint64_t StreamHome::above_share_total(ClassNumber publisher_class) const {
  return quota_ ? quota_->refused_total(publisher_class)
                : store_->ShareOf(publisher_class).retired_total;
}

bool StreamHome::Adds(const Messages& messages) const {
  return !quota_ || proto::HasPayload(messages.frames.back());
}

std::optional<std::string> StreamHome::WhyNot(const Messages& messages) {
  if (!quota_ || !Adds(messages)) return std::nullopt;
  return quota_->Take(*store_, messages);
}

Messages StreamHome::Keep(const Messages& messages) {
  if (!quota_) return store_->Append(messages);
  size_t values = 0;
  for (base::FrameSequence rest = messages.frames; !rest.empty(); rest.RemoveFirst(1), ++values) {
    if (!proto::HasPayload(rest.front())) break;
  }
  Messages first = messages;
  first.frames = messages.frames.First(std::max<size_t>(values, 1));
  if (values > 0) return store_->Append(first);
  store_->Remove(messages.topic);
  return first;
}

std::optional<Stored> StreamHome::FindRepeated(const Messages& message) {
  const MessageIds::Known* known = ids_.Find(message.store->message_id, clock_.Now());
  if (known == nullptr) return std::nullopt;
  const bool same = known->content == MessageIds::ContentOf(message.frames);
  return Stored{.epoch = epoch_, .position = same ? known->position : 0, .repeated = true};
}

void StreamHome::NoteId(const Messages& message, uint64_t position) {
  ids_.Add(message.store->message_id,
           {.position = position, .content = MessageIds::ContentOf(message.frames)}, clock_.Now());
}

StreamOpened StreamHome::Open(const StreamStart& start, std::string_view filter) {
  StreamOpened opened = OpenBehind(start, filter);
  opened.last = store_->last();
  opened.epoch = epoch_;
  // What is not there any more when the reading begins is said here, and by no Gap.
  opened.from = store_->Begin(opened.from.after);
  return opened;
}

StreamOpened StreamHome::OpenBehind(const StreamStart& start, std::string_view filter) {
  const uint64_t last = store_->last();
  const uint64_t gone_to = store_->gone_to();
  const auto behind = [](uint64_t position, bool recovered) {
    return StreamOpened{.from = {.after = position}, .recovered = recovered};
  };
  switch (start.at) {
    case StreamStart::At::kNow:
      return behind(last, true);
    case StreamStart::At::kAfterPosition:
      if (start.epoch != epoch_) return behind(gone_to, false);
      if (start.number > last) return {.refused = true, .from = {}};
      return behind(start.number, store_->HasAllBehind(start.number, filter));
    case StreamStart::At::kTime: {
      const uint64_t position = store_->BeforeTime(static_cast<int64_t>(start.number));
      return behind(position, gone_to == 0 || position > gone_to);
    }
    case StreamStart::At::kLast: {
      const uint64_t position = store_->BeforeLast(start.number, filter);
      return behind(position, gone_to == 0 || position > gone_to);
    }
    case StreamStart::At::kLastOfEachTopic:
      return behind(gone_to, true);
  }
  return {.refused = true, .from = {}};
}

}  // namespace esockets::broker
