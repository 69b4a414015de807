#include "broker/stream_readers.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "base/check.h"
#include "base/strings.h"
#include "broker/visible_page.h"

namespace esockets::broker {

StreamReaders::Reader& StreamReaders::Make(Subscription* subscription, uint32_t stream) {
  Erase(subscription);
  const uint64_t ticket = ++last_ticket_;
  by_ticket_.emplace(ticket, subscription);
  context_.metrics->streams[stream].readers.Add();
  Reader reader{.ticket = ticket,
                .stream = stream,
                .filter = streams_.rules().FilterWithin(stream, subscription->filter()),
                .from = {},
                .opening = nullptr};
  return readers_.emplace(subscription, std::move(reader)).first->second;
}

void StreamReaders::Erase(Subscription* subscription) {
  const auto found = readers_.find(subscription);
  if (found == readers_.end()) return;
  by_ticket_.erase(found->second.ticket);
  context_.metrics->streams[found->second.stream].readers.Subtract(1);
  if (found->second.waits_for_room) waiters_.Remove(subscription);
  readers_.erase(found);
}

bool StreamReaders::ReadsThePast(const Subscription& subscription) const {
  const auto found = readers_.find(const_cast<Subscription*>(&subscription));
  if (found == readers_.end()) return false;
  const auto& opening = found->second.opening;
  if (opening == nullptr) return found->second.started;
  return opening->start.at != StreamStart::At::kNow && !opening->as_live;
}

uint64_t StreamReaders::Close(Subscription* subscription) {
  const auto found = readers_.find(subscription);
  if (found == readers_.end()) return 0;
  const auto& opening = found->second.opening;
  const uint64_t request_id = opening == nullptr ? 0 : opening->request_id;
  Erase(subscription);
  return request_id;
}

// --- opening ------------------------------------------------------------------------------------

void StreamReaders::Open(Subscription* subscription, Opening opening) {
  std::unique_ptr<Reader> before;
  if (const auto found = readers_.find(subscription); found != readers_.end()) {
    before = std::make_unique<Reader>(std::move(found->second));
    found->second.waits_for_room = before->waits_for_room;
  }
  if (opening.is_new) subscription->feed = Feed::kOpening;
  Reader& reader = Make(subscription, opening.stream);
  reader.before = std::move(before);
  siblings_.Post(streams_.HomeOf(opening.stream), StreamOpenParcel{.ticket = reader.ticket,
                                                                   .stream = opening.stream,
                                                                   .filter = reader.filter,
                                                                   .start = opening.start});
  reader.opening = std::make_unique<Opening>(std::move(opening));
}

void StreamReaders::OnOpened(const StreamOpenedParcel& parcel) {
  // First: a reader that is opened may fall behind with what was published before.
  router_.BeforeContractChange();
  const auto found = by_ticket_.find(parcel.ticket);
  if (found == by_ticket_.end()) return;
  Subscription* const subscription = found->second;
  Reader& reader = readers_.find(subscription)->second;
  const std::unique_ptr<Opening> opening = std::move(reader.opening);
  const StreamOpened& opened = parcel.opened;
  if (opened.refused) return Refuse(subscription, *opening, opened.last);
  subscription->SetContract(opening->contract.overflow, opening->contract.max);
  subscription->feed = Feed::kReading;
  reader.from = opened.from;
  reader.started = opening->start.at != StreamStart::At::kNow && !opening->as_live;
  if (opening->start.at == StreamStart::At::kLastOfEachTopic) {
    reader.last_of_each_topic = static_cast<uint32_t>(opening->start.number);
    reader.last_of_each_until = opened.last;
  }
  const StreamBegin begin{.name = streams_.rules()[opening->stream].name,
                          .epoch = opened.epoch,
                          .position = opened.from.after,
                          .recovered = opened.recovered && !opening->from_now,
                          .overflow = opening->contract.overflow};
  opening->done(&begin, "");
  if (!by_ticket_.contains(parcel.ticket)) return;  // it was only waiting to say goodbye
  opened.from.after == opened.last ? GoLive(subscription) : Read(subscription, &reader);
}

// It goes on as before, if it was there before.
void StreamReaders::Refuse(Subscription* subscription, const Opening& opening, uint64_t last) {
  const std::unique_ptr<Reader> before = std::move(readers_.find(subscription)->second.before);
  if (before == nullptr) {
    Erase(subscription);
  } else {
    Reader& reader = Make(subscription, before->stream);
    reader.from = before->from;
    reader.started = before->started;
    reader.last_of_each_topic = before->last_of_each_topic;
    reader.last_of_each_until = before->last_of_each_until;
    Read(subscription, &reader);
  }
  opening.done(nullptr, base::StrCat("position ", opening.start.number,
                                     " was never given: the last one of stream ",
                                     streams_.rules()[opening.stream].name, " is ", last));
}

// --- reading ------------------------------------------------------------------------------------

void StreamReaders::OnBehind(Subscription* subscription, uint64_t position) {
  const auto stream = streams_.rules().Around(subscription->filter());
  ESOCKETS_CHECK(stream.has_value());  // REPLAY is for nothing else
  if (const auto found = readers_.find(subscription); found != readers_.end()) {
    // It is to begin elsewhere; this is where it goes on if that is refused.
    found->second.before = std::make_unique<Reader>();
    found->second.before->stream = *stream;
    found->second.before->from.after = position - 1;
    return;
  }
  Reader& reader = Make(subscription, *stream);
  reader.from = {.after = position - 1};
  WaitForRoom(subscription, &reader);
}

void StreamReaders::OnRoom(const Outbox& outbox) {
  for (Subscription* const subscription : waiters_.Take(outbox)) {
    Reader& reader = readers_.find(subscription)->second;
    reader.waits_for_room = false;
    Read(subscription, &reader);
  }
}

void StreamReaders::Read(Subscription* subscription, Reader* reader) {
  const size_t messages = subscription->outbox->MessagesNow(context_);
  if (messages == 0) return WaitForRoom(subscription, reader);
  siblings_.Post(streams_.HomeOf(reader->stream),
                 StreamReadParcel{.ticket = reader->ticket,
                                  .stream = reader->stream,
                                  .filter = reader->filter,
                                  .from = reader->from,
                                  .last_of_each_topic = reader->last_of_each_topic,
                                  .last_of_each_until = reader->last_of_each_until,
                                  .looks_max = LooksFor(messages)});
}

void StreamReaders::OnPage(const StreamPageParcel& parcel) {
  const auto found = by_ticket_.find(parcel.ticket);
  if (found == by_ticket_.end()) return;
  Subscription* const subscription = found->second;
  Reader& reader = readers_.find(subscription)->second;
  if (!Deliver(subscription, &reader, parcel.page)) return WaitForRoom(subscription, &reader);
  reader.from.after = parcel.page.next;
  if (parcel.page.at_head) return GoLive(subscription);
  // The kernel takes no more: what is read now could only wait.
  if (subscription->outbox->sink().send_state().refused) return WaitForRoom(subscription, &reader);
  Read(subscription, &reader);
}

void StreamReaders::WaitForRoom(Subscription* subscription, Reader* reader) {
  reader->waits_for_room = true;
  waiters_.Add(subscription);
}

// False: the client takes no more now; the page is read again when it does.
bool StreamReaders::Deliver(Subscription* subscription, Reader* reader, const StoredPage& page) {
  if (!page.hole.empty()) TellHole(*subscription, page.hole);
  reader->from = page.told;
  const VisiblePage visible(page, subscription->outbox->permissions(),
                            {subscription->filter(), reader->started}, wire_form_);
  const base::FrameSequence frames = visible.frames();
  if (frames.empty()) return true;
  const bool taken = subscription->outbox->DeliverRead(wire_form_.Share(frames, visible.keeper()),
                                                       frames.count(), *subscription, context_);
  if (taken) context_.metrics->stream_read_messages_total.Add(frames.count());
  return taken;
}

void StreamReaders::TellHole(const Subscription& subscription, const StreamHole& hole) {
  context_.metrics->dropped_messages_total.Add(hole.messages);
  context_.metrics->of(GapReason::kRetention).Add(hole.messages);
  subscription.outbox->sink().session_events().SendGap(subscription,
                                                       {.messages = hole.messages,
                                                        .reason = GapReason::kRetention,
                                                        .from_position = hole.from,
                                                        .to_position = hole.to});
}

// From here on what is published comes as to everybody else.
void StreamReaders::GoLive(Subscription* subscription) {
  // What was published before was read, too: it is offered while the subscription still reads.
  router_.BeforeContractChange();
  subscription->feed = Feed::kLive;
  Erase(subscription);
}

}  // namespace esockets::broker
