// What a loop answers to those who published to what has its home here: posted at the end of the
// turn, when the message is in every queue. Thread: the loop.
#ifndef BROKER_HOME_ANSWERS_H_
#define BROKER_HOME_ANSWERS_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "base/executor.h"
#include "base/on_loop.h"
#include "broker/errors.h"
#include "broker/messages.h"
#include "broker/parcel.h"
#include "broker/router.h"
#include "broker/siblings.h"

namespace esockets::broker {

class HomeAnswers {
 public:
  // REQUIRES: all outlive this.
  HomeAnswers(base::Executor* executor, Siblings* siblings, Router* router)
      : executor_(*executor), siblings_(*siblings), router_(*router) {}
  HomeAnswers(const HomeAnswers&) = delete;
  HomeAnswers& operator=(const HomeAnswers&) = delete;

  // It is done. `loops`: that tell what became of it. REQUIRES: message.store is there.
  void Accept(const Messages& message, const Stored& stored, uint32_t loops) ESOCKETS_ON_LOOP;
  // Also who has not asked for an answer hears of it. `from`: loop of the publisher.
  void Refuse(uint32_t from, const Messages& messages, ErrorCode code,
              std::string detail) ESOCKETS_ON_LOOP;

 private:
  void PostAtTurnEnd(uint32_t loop, StoredParcel answer) ESOCKETS_ON_LOOP;
  void PostAll() ESOCKETS_ON_LOOP;

  base::Executor& executor_;
  Siblings& siblings_;
  Router& router_;
  std::vector<std::pair<uint32_t, StoredParcel>> answers_;  // to be posted to these loops
};

}  // namespace esockets::broker

#endif  // BROKER_HOME_ANSWERS_H_
