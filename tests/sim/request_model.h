// What requests and last wills promise: every answer comes to who asked, once, or a Gap tells of
// it; "no responders" is said when nobody gets the request; and a will is published when its client
// has ended without saying goodbye, once.
#ifndef TESTS_SIM_REQUEST_MODEL_H_
#define TESTS_SIM_REQUEST_MODEL_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "base/strings.h"

namespace esockets::tests {

// Connections and requests have numbers that no other has.
class RequestModel {
 public:
  // --- requests; `answerable`: somebody is subscribed all the time. `hopeless`: nobody ever is
  void OnRequest(uint64_t request, int asker, bool answerable, bool hopeless) {
    requests_[request] = {.asker = asker, .answerable = answerable, .hopeless = hopeless};
  }
  void OnNoResponders(uint64_t request) { requests_[request].refused = true; }
  void OnAccepted(uint64_t request) { requests_[request].accepted = true; }
  void OnRequestReceived(uint64_t request) { requests_[request].received = true; }

  // --- answers
  static std::string Answer(uint64_t request, int replier) {
    return base::StrCat(request, ":", replier);
  }
  void OnAnswer(const std::string& answer) { ++answers_[answer].sent; }
  void OnAnswerAccepted(const std::string& answer) { answers_[answer].accepted = true; }
  void OnNoInbox(const std::string& answer) {
    const int asker = requests_[std::stoull(answer)].asker;
    if (!gone_.contains(asker)) Fail(base::StrCat("the inbox of ", asker, " is there"));
  }
  void OnAnswerReceived(int asker, const std::string& answer) {
    if (requests_[std::stoull(answer)].asker != asker) Fail(base::StrCat(answer, " astray"));
    if (answers_[answer].sent == 0) Fail(base::StrCat(answer, " was never given"));
    if (++answers_[answer].received > 1) Fail(base::StrCat(answer, " came twice"));
  }
  void OnAnswersLost(int asker, uint64_t count) { lost_[asker] += count; }

  // --- connections
  void OnBroken(int connection) {
    gone_.insert(connection);
    wills_due_.insert(connection);
  }
  void OnGoodbye(int connection) { gone_.insert(connection); }
  void OnWill(int connection) {
    if (!wills_.insert(connection).second) Fail(base::StrCat("the will of ", connection, " twice"));
  }

  // Everything has arrived.
  void Check() {
    if (wills_ != wills_due_) Fail(base::StrCat(wills_due_.size(), " wills due, ", wills_.size()));
    for (const auto& [number, request] : requests_) {
      if (request.refused && (request.received || request.answerable)) {
        Fail(base::StrCat("request ", number, " had responders"));
      }
      if (request.accepted && request.hopeless) {
        Fail(base::StrCat("request ", number, " had no responders"));
      }
    }
    for (const auto& [answer, fate] : answers_) {
      const int asker = requests_[std::stoull(answer)].asker;
      if (!fate.accepted || fate.received > 0 || gone_.contains(asker)) continue;
      if (lost_[asker]-- == 0) Fail(base::StrCat(answer, " is missing"));
    }
  }

  const std::string& error() const { return error_; }

 private:
  struct Request {
    int asker = 0;
    bool answerable = false;
    bool hopeless = false;
    bool refused = false;
    bool accepted = false;
    bool received = false;
  };
  struct Fate {
    int sent = 0;
    int received = 0;
    bool accepted = false;
  };

  void Fail(std::string why) {
    if (error_.empty()) error_ = std::move(why);
  }

  std::map<uint64_t, Request> requests_;
  std::map<std::string, Fate> answers_;
  std::map<int, uint64_t> lost_;  // by connection
  std::set<int> gone_;
  std::set<int> wills_due_;
  std::set<int> wills_;
  std::string error_;
};

}  // namespace esockets::tests

#endif  // TESTS_SIM_REQUEST_MODEL_H_
