// Subscribes to last values, unsubscribes, and so on.
#ifndef TESTS_SOAK_LAST_VALUE_READER_H_
#define TESTS_SOAK_LAST_VALUE_READER_H_

#include "tests/soak/board.h"
#include "tests/soak/checks.h"
#include "tests/soak/good_client.h"
#include "tests/soak/readers.h"

namespace esockets::soak {

class LastValueReader final : public Reader {
 public:
  LastValueReader(Stage* stage, const Board* board, Options options, Overflow overflow)
      : Reader(stage, board, std::move(options), false), overflow_(overflow) {}
  bool IsComplete() const override { return has_snapshot_ && check_.IsComplete(Last()); }
  void Finish() override { Judge(Promise::kLastValue, check_.AtEnd(Last())); }
  // It stays subscribed.
  void Stay() { stays_ = true; }

 private:
  Numbers Last() const { return board().LastOf("state/"); }
  void OnConnected(const Connected& /*connected*/) override { Begin(); }
  void OnMessage(const proto::MessageView& message) override;
  void OnGap(const Gap& /*gap*/) override {}
  void OnSnapshotEnd(const SnapshotEnd& end) override;
  void Begin();
  void EndLater();

  const Overflow overflow_;
  LastValueCheck check_;
  bool is_subscribed_ = false;
  bool has_snapshot_ = false;
  bool stays_ = false;
};

}  // namespace esockets::soak

#endif  // TESTS_SOAK_LAST_VALUE_READER_H_
