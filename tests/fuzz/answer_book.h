// What a client has asked for and what it was answered: nothing that it did not ask for, nothing
// twice, and in the end everything.
#ifndef TESTS_FUZZ_ANSWER_BOOK_H_
#define TESTS_FUZZ_ANSWER_BOOK_H_

#include <cstdint>
#include <map>

#include "proto/esockets.pb.h"

namespace esockets::tests {

class AnswerBook {
 public:
  // A command that the client sends.
  void OnSent(const ClientFrame& frame);
  void OnArrived(const ServerFrame& frame);
  // Of a client that is still there when nothing is under way any more.
  void ExpectAllAnswered() const;

 private:
  // Those of one id, of which there should be one.
  struct Requests {
    // Without an answer of their own kind.
    int publishes = 0;
    int subscribes = 0;
    int unsubscribes = 0;
    int refreshes = 0;
    int unanswered = 0;    // whatever the answer, an Error too
    bool replies = false;  // one of them is a question to the broker, which answers with a message
  };

  void Ask(uint64_t id, int Requests::*kind);
  void Answer(uint64_t id, int Requests::*kind);

  std::map<uint64_t, Requests> requests_;
  std::map<uint64_t, int> pings_;  // without an answer
};

}  // namespace esockets::tests

#endif  // TESTS_FUZZ_ANSWER_BOOK_H_
