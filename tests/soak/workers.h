// Members of a group, and what they share.
#ifndef TESTS_SOAK_WORKERS_H_
#define TESTS_SOAK_WORKERS_H_

#include <map>
#include <string>

#include "tests/soak/board.h"
#include "tests/soak/checks.h"
#include "tests/soak/good_client.h"
#include "tests/soak/readers.h"

namespace esockets::soak {

// What the members of one group share: each message of its topics comes to one of them.
class GroupBook {
 public:
  GroupBook(const Board* board, std::string prefix);
  std::string OnMessage(std::string_view topic, uint64_t number);
  // A Gap does not say which topics it is about.
  void OnGap(uint64_t messages) { reported_ += messages; }
  bool IsComplete() const { return Missing() == reported_; }
  std::string AtEnd() const;

 private:
  uint64_t Missing() const;

  const Board& board_;
  const std::string prefix_;
  std::map<std::string, OnceCheck, std::less<>> checks_;
  uint64_t reported_ = 0;
};

class Worker final : public Reader {
 public:
  Worker(Stage* stage, const Board* board, Options options, bool pauses, std::string prefix,
         GroupBook* book)
      : Reader(stage, board, std::move(options), pauses),
        prefix_(std::move(prefix)),
        is_keyed_(prefix_ == "keyed/"),
        book_(*book) {}
  bool IsComplete() const override { return book_.IsComplete(); }
  void Finish() override { Judge(Promise::kGroup, book_.AtEnd()); }

 private:
  void OnConnected(const Connected& connected) override;
  void OnMessage(const proto::MessageView& message) override;
  void OnGap(const Gap& gap) override { book_.OnGap(gap.messages()); }

  const std::string prefix_;
  const bool is_keyed_;
  GroupBook& book_;
  KeyedCheck keyed_;
};

}  // namespace esockets::soak

#endif  // TESTS_SOAK_WORKERS_H_
