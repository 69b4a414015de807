// Subscribers that hold what comes against what was published; some stop reading now and then.
#ifndef TESTS_SOAK_READERS_H_
#define TESTS_SOAK_READERS_H_

#include <map>
#include <string>

#include "tests/soak/board.h"
#include "tests/soak/checks.h"
#include "tests/soak/good_client.h"

namespace esockets::soak {

class Reader : public GoodClient {
 public:
  // `pauses`: it stops reading now and then, for some seconds.
  Reader(Stage* stage, const Board* board, Options options, bool pauses)
      : GoodClient(stage, std::move(options)), board_(*board), pauses_(pauses) {}

  // Reads all the time from now on.
  void Attend();
  virtual bool IsComplete() const = 0;
  // Judges what did not come.
  virtual void Finish() = 0;

 protected:
  const Board& board() const { return board_; }
  // Subclasses call it when they have subscribed.
  void PauseNowAndThen();
  virtual bool MayPause() const { return true; }

 private:
  const Board& board_;
  const bool pauses_;
  bool attends_ = false;
};

// Of one subscription for each of several topics, under DROP_OLDEST with a small backlog.
class LiteralReader final : public Reader {
 public:
  LiteralReader(Stage* stage, const Board* board, Options options, bool pauses, std::string prefix)
      : Reader(stage, board, std::move(options), pauses), prefix_(std::move(prefix)) {}
  bool IsComplete() const override;
  void Finish() override;

 private:
  void OnConnected(const Connected& connected) override;
  void OnMessage(const proto::MessageView& message) override;
  void OnGap(const Gap& gap) override;

  const std::string prefix_;
  std::map<std::string, LiteralCheck, std::less<>> checks_;
};

// Of one subscription with a wildcard.
class WildcardReader final : public Reader {
 public:
  WildcardReader(Stage* stage, const Board* board, Options options, bool pauses, std::string prefix)
      : Reader(stage, board, std::move(options), pauses),
        prefix_(std::move(prefix)),
        check_(board->LastOf(prefix_)) {}
  bool IsComplete() const override { return check_.IsComplete(board().LastOf(prefix_)); }
  void Finish() override { Judge(Promise::kAccounted, check_.AtEnd(board().LastOf(prefix_))); }

 private:
  void OnConnected(const Connected& connected) override;
  void OnMessage(const proto::MessageView& message) override;
  void OnGap(const Gap& gap) override { check_.OnGap(gap.messages()); }

  const std::string prefix_;
  WildcardCheck check_;
};

// Reads a stream under REPLAY; some lose their connection now and then, and go on where they were.
// What is kept for it is bounded: it does not pause while it is far behind, however slow the
// machine is.
class StreamReader final : public Reader {
 public:
  StreamReader(Stage* stage, const Board* board, Options options, bool pauses, bool leaves)
      : Reader(stage, board, std::move(options), pauses),
        leaves_(leaves),
        check_(board->LastOf("kept/")) {}
  bool IsComplete() const override { return check_.IsComplete(board().LastOf("kept/")); }
  void Finish() override { Judge(Promise::kStream, check_.AtEnd(board().LastOf("kept/"))); }
  // It loses its connection no more.
  void Stay() { stays_ = true; }

 private:
  void OnConnected(const Connected& connected) override;
  void OnMessage(const proto::MessageView& message) override;
  void OnGap(const Gap& gap) override;
  void OnSubscribed(const StreamStart& start);
  bool MayPause() const override;
  void LeaveLater();

  const bool leaves_;
  bool stays_ = false;
  StreamCheck check_;
  uint64_t epoch_ = 0;
};

// Subscribed to everything: what a rule denies must not come, and whatever else comes may be lost.
class Watcher final : public Reader {
 public:
  Watcher(Stage* stage, const Board* board, Options options)
      : Reader(stage, board, std::move(options), false) {}
  bool IsComplete() const override { return true; }
  void Finish() override {}

 private:
  void OnConnected(const Connected& connected) override;
  void OnMessage(const proto::MessageView& message) override;
  void OnGap(const Gap& /*gap*/) override {}
};

}  // namespace esockets::soak

#endif  // TESTS_SOAK_READERS_H_
