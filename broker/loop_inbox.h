// What arrives from other loops, handed to whom it concerns. Thread: the loop.
#ifndef BROKER_LOOP_INBOX_H_
#define BROKER_LOOP_INBOX_H_

#include <cstdint>
#include <vector>

#include "base/on_loop.h"
#include "broker/admin.h"
#include "broker/interest.h"
#include "broker/parcel.h"
#include "broker/shard.h"
#include "broker/siblings.h"

namespace esockets::broker {

class LoopInbox final : public ParcelHandler {
 public:
  // REQUIRES: both outlive this.
  LoopInbox(Shard* shard, Admin* admin);

  void OnParcel(uint32_t from, Parcel parcel) override ESOCKETS_ON_LOOP;

 private:
  // There is credit again for what they publish, or room for what they subscribe to.
  void Resume(const std::vector<uint64_t>& sessions) ESOCKETS_ON_LOOP;
  void Take(uint32_t from, const BatchParcel& parcel) ESOCKETS_ON_LOOP;
  void Take(uint32_t from, const CreditParcel& parcel) ESOCKETS_ON_LOOP;
  void Take(uint32_t from, const InterestParcel& parcel) ESOCKETS_ON_LOOP;
  void Take(uint32_t from, const InterestConfirmedParcel& parcel) ESOCKETS_ON_LOOP;
  void Take(uint32_t from, const GroupJoinParcel& parcel) ESOCKETS_ON_LOOP;
  void Take(uint32_t from, const GroupJoinedParcel& parcel) ESOCKETS_ON_LOOP;
  void Take(uint32_t from, const GroupItemsParcel& parcel) ESOCKETS_ON_LOOP;
  void Take(uint32_t from, const GroupReportParcel& parcel) ESOCKETS_ON_LOOP;
  void Take(uint32_t from, const WillParcel& parcel) ESOCKETS_ON_LOOP;
  void Take(uint32_t from, const PresenceReportParcel& parcel) ESOCKETS_ON_LOOP;
  void Take(uint32_t from, const PresenceReportedParcel& parcel) ESOCKETS_ON_LOOP;
  void Take(uint32_t from, const PresenceAskParcel& parcel) ESOCKETS_ON_LOOP;
  void Take(uint32_t from, const PresenceRosterParcel& parcel) ESOCKETS_ON_LOOP;
  void Take(uint32_t from, const ClientIdClaimParcel& parcel) ESOCKETS_ON_LOOP;
  void Take(uint32_t from, const ClientIdEvictParcel& parcel) ESOCKETS_ON_LOOP;
  void Take(uint32_t from, const ClientIdKeptParcel& parcel) ESOCKETS_ON_LOOP;
  void Take(uint32_t from, const ClientIdReleasedParcel& parcel) ESOCKETS_ON_LOOP;
  void Take(uint32_t from, const ClientIdAnswerParcel& parcel) ESOCKETS_ON_LOOP;
  void Take(uint32_t from, const DeliveryParcel& parcel) ESOCKETS_ON_LOOP;
  void Take(uint32_t from, const StreamOpenParcel& parcel) ESOCKETS_ON_LOOP;
  void Take(uint32_t from, const StreamReadParcel& parcel) ESOCKETS_ON_LOOP;
  void Take(uint32_t from, const StreamOpenedParcel& parcel) ESOCKETS_ON_LOOP;
  void Take(uint32_t from, const StreamPageParcel& parcel) ESOCKETS_ON_LOOP;
  void Take(uint32_t from, const StoredParcel& parcel) ESOCKETS_ON_LOOP;
  void Answer(const Confirmations::Answer& answer) ESOCKETS_ON_LOOP;
  void Take(uint32_t from, const BacklogSizesAskParcel& parcel) ESOCKETS_ON_LOOP;
  void Take(uint32_t from, const BacklogSizesParcel& parcel) ESOCKETS_ON_LOOP;
  void Take(uint32_t from, const ShedParcel& parcel) ESOCKETS_ON_LOOP;
  void Take(uint32_t from, const ShedDoneParcel& parcel) ESOCKETS_ON_LOOP;
  void Take(uint32_t from, const AdminAskParcel& parcel) ESOCKETS_ON_LOOP;
  void Take(uint32_t from, const AdminAnswerParcel& parcel) ESOCKETS_ON_LOOP;

  Shard& shard_;
  Admin& admin_;
};

}  // namespace esockets::broker

#endif  // BROKER_LOOP_INBOX_H_
