#include "broker/loop_inbox.h"

#include <variant>

#include "broker/session.h"

namespace esockets::broker {

LoopInbox::LoopInbox(Shard* shard, Admin* admin) : shard_(*shard), admin_(*admin) {
  shard->siblings.set_inbox(this);
  shard->confirmations.set_find_sink([shard](uint64_t session_id) -> const SessionSink* {
    const Session* session = shard->clients.Find(session_id);
    return session == nullptr ? nullptr : &session->sink();
  });
  shard->client_inboxes.set_find_outbox([shard](uint64_t session_id) -> Outbox* {
    shard->executor.AssertOnLoop();
    Session* session = shard->clients.Find(session_id);
    return session == nullptr ? nullptr : session->inbox_outbox();
  });
}

void LoopInbox::OnParcel(uint32_t from, Parcel parcel) {
  std::visit(
      [&](const auto& one) {
        shard_.executor.AssertOnLoop();
        Take(from, one);
      },
      parcel);
}

// --- messages -----------------------------------------------------------------------------------

void LoopInbox::Take(uint32_t from, const BatchParcel& parcel) {
  shard_.router.exchange().OnRouted(from, shard_.router.Deliver(from, parcel.batch));
}

void LoopInbox::Take(uint32_t from, const CreditParcel& parcel) {
  Resume(shard_.router.exchange().OnCredit(from, parcel));
}

void LoopInbox::Resume(const std::vector<uint64_t>& sessions) {
  for (const uint64_t id : sessions) {
    if (Session* session = shard_.clients.Find(id)) session->OnCredit();
  }
}

// --- interest -----------------------------------------------------------------------------------

void LoopInbox::Take(uint32_t from, const InterestParcel& parcel) {
  shard_.router.interest().OnChange(from, parcel);
}

void LoopInbox::Take(uint32_t, const InterestConfirmedParcel& parcel) {
  for (const auto& pending : shard_.router.interest().OnConfirmed(parcel.barrier)) {
    if (pending.session == PendingSubscribe::kOfGroups) {
      shard_.groups.OnConfirmed(pending.request_id);
    } else if (Session* session = shard_.clients.Find(pending.session)) {
      session->OnInterestConfirmed(pending.request_id);
    }
  }
  Resume(shard_.router.interest().TakeResumed());
}

// --- groups -------------------------------------------------------------------------------------

void LoopInbox::Take(uint32_t from, const GroupJoinParcel& parcel) {
  shard_.groups.OnJoin(from, parcel);
}

void LoopInbox::Take(uint32_t, const GroupJoinedParcel& parcel) {
  const auto answer = shard_.group_deliveries.OnJoined(parcel);
  if (Session* session = shard_.clients.Find(answer.session)) {
    session->OnGroupJoined(answer);
  }
}

void LoopInbox::Take(uint32_t, const GroupItemsParcel& parcel) {
  shard_.group_deliveries.OnItems(parcel);
}

void LoopInbox::Take(uint32_t from, const GroupReportParcel& parcel) {
  shard_.groups.OnReport(from, parcel);
}

// --- last wills ---------------------------------------------------------------------------------

void LoopInbox::Take(uint32_t, const WillParcel& parcel) {
  if (!shard_.client_ids.IsWaitedFor(parcel.client_id, parcel.will->identity.user)) {
    shard_.wills.OnWill(parcel);
  }
}

// --- presence -----------------------------------------------------------------------------------

void LoopInbox::Take(uint32_t from, const PresenceReportParcel& parcel) {
  shard_.presence.OnReport(from, parcel);
}

void LoopInbox::Take(uint32_t from, const PresenceReportedParcel&) {
  shard_.presence.OnReported(from);
}

void LoopInbox::Take(uint32_t from, const PresenceAskParcel& parcel) {
  shard_.presence.OnAsk(from, parcel);
}

void LoopInbox::Take(uint32_t, const PresenceRosterParcel& parcel) {
  shard_.presence.OnRoster(parcel);
  if (Session* session = shard_.clients.Find(parcel.session)) {
    session->SendMessage(parcel.reply_to, parcel.roster);
  }
}

// --- client ids ---------------------------------------------------------------------------------

void LoopInbox::Take(uint32_t from, const ClientIdClaimParcel& parcel) {
  if (parcel.take_over) shard_.wills.OnClaim(parcel.client_id, parcel.user);
  shard_.client_ids.OnClaim(from, parcel, shard_.limits().clients_max);
}

// A session that has gone has released its id: the home knows that, or will.
void LoopInbox::Take(uint32_t, const ClientIdEvictParcel& parcel) {
  if (Session* session = shard_.clients.Find(parcel.session)) session->OnEvict(parcel);
}

void LoopInbox::Take(uint32_t, const ClientIdKeptParcel& parcel) {
  shard_.client_ids.OnKept(parcel);
}

void LoopInbox::Take(uint32_t, const ClientIdReleasedParcel& parcel) {
  shard_.client_ids.OnReleased(parcel);
}

void LoopInbox::Take(uint32_t from, const ClientIdAnswerParcel& parcel) {
  if (Session* session = shard_.clients.Find(parcel.session)) {
    return session->OnClientIdAnswer(parcel);
  }
  // It went while it waited.
  if (parcel.outcome != ClientIdAnswerParcel::Outcome::kGranted) return;
  shard_.siblings.Post(from, ClientIdReleasedParcel{parcel.client_id, parcel.session});
}

// --- what became of a message --------------------------------------------------------------------

void LoopInbox::Take(uint32_t, const DeliveryParcel& parcel) {
  Answer(shard_.confirmations.OnDelivery(parcel));
}

void LoopInbox::Answer(const Confirmations::Answer& answer) {
  if (Session* session = shard_.clients.Find(answer.session)) {
    session->OnDelivery(answer.request_id, answer.delivery, answer.stored);
  }
}

// --- streams ------------------------------------------------------------------------------------

void LoopInbox::Take(uint32_t from, const StreamOpenParcel& parcel) {
  shard_.streams.OnOpen(from, parcel);
}

void LoopInbox::Take(uint32_t from, const StreamReadParcel& parcel) {
  shard_.streams.OnRead(from, parcel);
}

void LoopInbox::Take(uint32_t, const StreamOpenedParcel& parcel) {
  SnapshotReaders::IsTicket(parcel.ticket) ? shard_.snapshots.OnOpened(parcel)
                                           : shard_.stream_readers.OnOpened(parcel);
}

void LoopInbox::Take(uint32_t, const StreamPageParcel& parcel) {
  SnapshotReaders::IsTicket(parcel.ticket) ? shard_.snapshots.OnPage(parcel)
                                           : shard_.stream_readers.OnPage(parcel);
}

void LoopInbox::Take(uint32_t, const StoredParcel& parcel) {
  if (parcel.confirm_number != 0 && !parcel.refusal) {
    return Answer(shard_.confirmations.Expect(parcel.confirm_number, parcel.loops, parcel.stored));
  }
  if (parcel.confirm_number != 0) shard_.confirmations.Forget(parcel.confirm_number);
  Session* const session = shard_.clients.Find(parcel.session);
  if (session == nullptr) return;
  if (parcel.refusal) return session->Refuse(parcel.request_id, *parcel.refusal, parcel.detail);
  session->OnStored(parcel.request_id, parcel.stored);
}

// --- the memory of what waits for clients --------------------------------------------------------

void LoopInbox::Take(uint32_t from, const BacklogSizesAskParcel& parcel) {
  shard_.backlog_governor.OnSizesAsk(from, parcel);
}

void LoopInbox::Take(uint32_t from, const BacklogSizesParcel& parcel) {
  shard_.backlog_governor.OnSizes(from, parcel);
}

void LoopInbox::Take(uint32_t from, const ShedParcel& parcel) {
  shard_.backlog_governor.OnShed(from, parcel);
}

void LoopInbox::Take(uint32_t, const ShedDoneParcel& parcel) {
  shard_.backlog_governor.OnShedDone(parcel);
}

// --- administration -----------------------------------------------------------------------------

void LoopInbox::Take(uint32_t, const AdminAskParcel& parcel) { admin_.OnAsk(parcel); }

void LoopInbox::Take(uint32_t, const AdminAnswerParcel& parcel) { admin_.OnAnswer(parcel); }

}  // namespace esockets::broker
