// What crosses from one loop to another: nothing else does. Parcels between two loops arrive in the
// order in which they were posted.
#ifndef BROKER_PARCEL_H_
#define BROKER_PARCEL_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "broker/delivery_receipt.h"
#include "broker/errors.h"
#include "broker/group_parcels.h"
#include "broker/message_batch.h"
#include "broker/message_store.h"
#include "broker/messages.h"
#include "broker/present_client.h"
#include "broker/stream_reading.h"
#include "broker/will.h"

namespace esockets::broker {

struct ClientIdEntry;

// A loop is a bit in a word.
inline constexpr uint32_t kLoopsMax = 64;

// --- messages: broker/exchange

struct BatchParcel {
  std::shared_ptr<const MessageBatch> batch;
};
// So many bytes of batches have been routed.
struct CreditParcel {
  uint64_t bytes = 0;
  uint64_t stored_bytes = 0;  // of these, what the loop had stored before it sent it
};

// --- interest: broker/interest

// From here on the sender's sessions want what matches; or want it no more.
struct InterestParcel {
  std::string filter;
  bool wanted;
  uint64_t barrier;  // named by the confirmation; 0: none is needed
};
struct InterestConfirmedParcel {
  uint64_t barrier;
};

// --- streams: broker/streams, broker/stream_readers

// To the loop that keeps the stream.
struct StreamOpenParcel {
  uint64_t ticket;     // the reader's
  uint32_t stream;     // by number
  std::string filter;  // empty: all of the stream
  StreamStart start;
};
struct StreamReadParcel {
  uint64_t ticket;
  uint32_t stream;
  std::string filter;
  ReadPosition from;
  uint32_t last_of_each_topic = 0;
  uint64_t last_of_each_until = 0;
  uint64_t to = ~uint64_t{0};
  uint32_t looks_max = kStreamLooksMax;
};
// Back. All of the stream that was published up to what it says has been sent before.
struct StreamOpenedParcel {
  uint64_t ticket;
  StreamOpened opened;
};
struct StreamPageParcel {
  uint64_t ticket;
  StoredPage page;
};
// To the loop of the publisher: what became of the message that it asked about.
struct StoredParcel {
  uint64_t session = 0;
  uint64_t request_id = 0;      // 0: it did not ask, but it is refused
  Stored stored{};              // position 0: in no stream
  uint64_t confirm_number = 0;  // of ConfirmAsk; 0: it did not ask
  uint32_t loops = 0;           // that answer it
  std::optional<ErrorCode> refusal{};
  std::string detail{};  // of the refusal
};

// --- last wills: broker/wills

// To the home of the client id, before the id is released.
struct WillParcel {
  std::string client_id;
  std::shared_ptr<const Will> will;
};

// --- who has which client id: broker/client_id_home

struct ClientIdClaimParcel {
  std::string client_id;
  std::string user;
  uint64_t session;
  bool take_over;  // else: only if nobody has it
};
// To the loop of the session that has the id: the same user wants it elsewhere.
struct ClientIdEvictParcel {
  std::string client_id;
  std::string user;
  uint64_t session;
  uint64_t by_session;
};
// Back: that session is another user's, and stays.
struct ClientIdKeptParcel {
  std::string client_id;
  uint64_t session;
};
struct ClientIdReleasedParcel {
  std::string client_id;
  uint64_t session;
};
struct ClientIdAnswerParcel {
  enum class Outcome : uint8_t { kGranted, kTaken, kOtherUser, kTooManyClients };
  std::string client_id;
  uint64_t session;
  Outcome outcome;
  const ClientIdEntry* entry = nullptr;  // granted: lives until the session releases it
};

// --- what became of a message: broker/confirmations

struct DeliveryParcel {
  uint64_t number;    // of ConfirmAsk
  Delivery delivery;  // to the clients of the sender
};

// --- the memory of what waits for clients: broker/backlog_governor

// How much waits for each client of that loop that is behind, with the entries? Or, with what its
// connection has not sent, for each that is slow?
struct BacklogSizesAskParcel {
  bool with_send_queues;
};
struct BacklogSizesParcel {
  std::vector<uint64_t> bytes;
};
// No client shall have more waiting than this; so many of the slow ones with the most are closed.
struct ShedParcel {
  uint64_t bytes_max;
  uint64_t closes;
};
struct ShedDoneParcel {
  uint64_t bytes;    // that are free now
  uint64_t clients;  // that had more, or are closed
};

// --- administration: broker/admin

// To the home of the client id that it is about, which sends it on to the session's loop; or, if it
// is about no single client, to every loop.
struct AdminAskParcel {
  uint64_t question;   // the asking loop's number of it
  uint32_t asked_by;   // loop
  uint64_t requester;  // session there
  std::string topic;
  std::string payload;
  std::optional<std::string> client_id;
  uint64_t session = 0;  // of the client id, once it is known
};
struct AdminAnswerParcel {
  uint64_t question = 0;
  bool refused = false;
  ErrorCode code{};     // if refused
  std::string content;  // the reply, or the detail of the refusal
};

using Parcel =
    std::variant<BatchParcel, CreditParcel, InterestParcel, InterestConfirmedParcel,
                 ClientIdClaimParcel, ClientIdEvictParcel, ClientIdKeptParcel,
                 ClientIdReleasedParcel, ClientIdAnswerParcel, DeliveryParcel, StreamOpenParcel,
                 StreamReadParcel, StreamOpenedParcel, StreamPageParcel, StoredParcel,
                 GroupJoinParcel, GroupJoinedParcel, GroupItemsParcel, GroupReportParcel,
                 WillParcel, PresenceReportParcel, PresenceReportedParcel, PresenceAskParcel,
                 PresenceRosterParcel, BacklogSizesAskParcel, BacklogSizesParcel, ShedParcel,
                 ShedDoneParcel, AdminAskParcel, AdminAnswerParcel>;

}  // namespace esockets::broker

#endif  // BROKER_PARCEL_H_
