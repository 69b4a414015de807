// What one loop knows about a question to $SYS, in the messages of proto/admin.proto.
#ifndef BROKER_ADMIN_VIEW_H_
#define BROKER_ADMIN_VIEW_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/on_loop.h"
#include "broker/admin_page.h"
#include "broker/parcel.h"
#include "broker/session.h"
#include "broker/shard.h"
#include "google/protobuf/message_lite.h"

namespace esockets::admin {
class Loop;
class Subscriptions;
class SubscriptionsRequest;
}  // namespace esockets::admin

namespace esockets::broker {

// One question, answered on this loop: with a whole reply, as far as this loop can fill it. Broker
// administration puts the replies of all loops together.
class AdminView {
 public:
  // REQUIRES: both outlive the view.
  AdminView(Shard* shard, const AdminAskParcel* ask) : shard_(*shard), ask_(*ask) {}

  AdminAnswerParcel Answer() ESOCKETS_ON_LOOP;

  // Does the topic name a question at all?
  static bool Knows(std::string_view topic);

 private:
  struct Question {
    std::string_view topic;
    void (AdminView::*handle)();
  };
  static const Question kQuestions[];

  // Parses the payload, or refuses.
  bool Parse(google::protobuf::MessageLite* message);
  void Reply(const google::protobuf::MessageLite& message);
  void Refuse(ErrorCode code, std::string_view detail);
  // The session that the question is about; null: it has gone, and the question is refused.
  Session* FindClient() ESOCKETS_ON_LOOP;

  void Info() ESOCKETS_ON_LOOP;
  void FillLoop(admin::Loop* loop) ESOCKETS_ON_LOOP;
  void Clients() ESOCKETS_ON_LOOP;
  void Subscriptions() ESOCKETS_ON_LOOP;
  // Fills the page with those of one session; more() when it is full.
  void AddSubscriptions(const Session& session, const admin::SubscriptionsRequest& request,
                        AdminPage* page, admin::Subscriptions* reply);
  void Metrics() ESOCKETS_ON_LOOP;
  void Slow() ESOCKETS_ON_LOOP;
  void Closed() ESOCKETS_ON_LOOP;
  void Trace() ESOCKETS_ON_LOOP;
  void Acl() ESOCKETS_ON_LOOP;
  void Limits() ESOCKETS_ON_LOOP;
  void Streams() ESOCKETS_ON_LOOP;
  void Recv() ESOCKETS_ON_LOOP;
  void Kick() ESOCKETS_ON_LOOP;
  void Drain() ESOCKETS_ON_LOOP;

  Shard& shard_;
  const AdminAskParcel& ask_;
  AdminAnswerParcel answer_;
};

}  // namespace esockets::broker

#endif  // BROKER_ADMIN_VIEW_H_
