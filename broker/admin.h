// Administration: takes a request on $SYS, asks the loops that know, and puts their answers
// together into one reply. Thread: the loop.
#ifndef BROKER_ADMIN_H_
#define BROKER_ADMIN_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "base/on_loop.h"
#include "broker/parcel.h"
#include "broker/session.h"
#include "broker/shard.h"
#include "proto/client_frame_decoder.h"

namespace esockets::broker {

class Admin final : public SystemRequests {
 public:
  explicit Admin(Shard* shard) : shard_(*shard) {}

  void Handle(const proto::PublishView& request, Session* requester) override ESOCKETS_ON_LOOP;
  void Ask(std::string topic, std::string payload, Done done) override ESOCKETS_ON_LOOP;

  // Another loop, or this one, asks; answers.
  void OnAsk(const AdminAskParcel& ask) ESOCKETS_ON_LOOP;
  void OnAnswer(const AdminAnswerParcel& answer) ESOCKETS_ON_LOOP;

 private:
  // A request whose answers are being collected.
  struct Question {
    std::string topic;
    std::string payload;
    // Who gets the reply: a session, or else `done`.
    uint64_t requester = 0;
    uint64_t request_id = 0;
    std::string reply_to{};
    Done done{};
    uint32_t missing = 0;  // answers
    std::vector<std::string> replies{};
  };

  void Begin(Question question) ESOCKETS_ON_LOOP;
  void Post(AdminAskParcel ask) ESOCKETS_ON_LOOP;
  void Refuse(const Question& question, ErrorCode code, std::string_view detail) ESOCKETS_ON_LOOP;
  void Finish(const Question& question) ESOCKETS_ON_LOOP;
  void KickRequester(const Question& question, Session* requester) ESOCKETS_ON_LOOP;

  Shard& shard_;
  uint64_t last_question_ = 0;
  absl::flat_hash_map<uint64_t, Question> questions_;
};

}  // namespace esockets::broker

#endif  // BROKER_ADMIN_H_
