// Administration: answers one request on $SYS with the messages of proto/admin.proto.
#ifndef BROKER_ADMIN_H_
#define BROKER_ADMIN_H_

#include <cstddef>
#include <cstdint>
#include <string>

#include "base/on_loop.h"
#include "broker/session.h"
#include "broker/shard.h"
#include "google/protobuf/message_lite.h"
#include "proto/client_frame_decoder.h"

namespace esockets::admin {
class Subscriptions;
class SubscriptionsRequest;
}  // namespace esockets::admin

namespace esockets::broker {

class Admin final : public SystemRequests {
 public:
  explicit Admin(Shard* shard) : shard_(*shard) {}
  void Handle(const proto::PublishView& request, Session* requester) override ESOCKETS_ON_LOOP;

 private:
  Shard& shard_;
};

// One request.
class AdminRequest {
 public:
  AdminRequest(Shard* shard, const proto::PublishView* request, Session* requester)
      : shard_(*shard), request_(*request), requester_(*requester) {}

  void Handle() ESOCKETS_ON_LOOP;

 private:
  // Parses the payload, or refuses.
  bool Parse(google::protobuf::MessageLite* message) ESOCKETS_ON_LOOP;
  void Reply(const google::protobuf::MessageLite& message) ESOCKETS_ON_LOOP;
  Session* FindClient(const std::string& client_id) ESOCKETS_ON_LOOP;
  uint32_t PageSize(uint32_t asked) ESOCKETS_ON_LOOP;
  // A reply must fit into a frame, whatever the page's size: bytes that are left for entries. The
  // first entry always has room.
  size_t Room() ESOCKETS_ON_LOOP;
  // Counts one entry. False: it has no room.
  bool Take(const google::protobuf::MessageLite& entry) ESOCKETS_ON_LOOP;

  void Info() ESOCKETS_ON_LOOP;
  void Clients() ESOCKETS_ON_LOOP;
  void Subscriptions() ESOCKETS_ON_LOOP;
  // Fills the page with those of one session; more() when it is full.
  void AddSubscriptions(const Session& session, const admin::SubscriptionsRequest& request,
                        admin::Subscriptions* reply) ESOCKETS_ON_LOOP;
  void Metrics() ESOCKETS_ON_LOOP;
  void Recv() ESOCKETS_ON_LOOP;
  void Kick() ESOCKETS_ON_LOOP;
  void Drain() ESOCKETS_ON_LOOP;

  Shard& shard_;
  const proto::PublishView& request_;
  Session& requester_;
  size_t reply_bytes_ = 0;  // of the entries so far
};

}  // namespace esockets::broker

#endif  // BROKER_ADMIN_H_
