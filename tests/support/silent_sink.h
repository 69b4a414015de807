// A client's connection that takes everything and keeps nothing; or, refusing, takes nothing.
#ifndef TESTS_SUPPORT_SILENT_SINK_H_
#define TESTS_SUPPORT_SILENT_SINK_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "base/counted_block.h"
#include "base/on_loop.h"
#include "broker/messages.h"
#include "broker/session_events.h"
#include "broker/session_sink.h"

namespace esockets::tests {

// Nobody hears them.
struct SilentEvents : broker::SessionEvents {
  void OnRunClosed(uint64_t) override ESOCKETS_ON_LOOP {}
  void OnOverflow(const std::string&) override ESOCKETS_ON_LOOP {}
  void OnBehind() override ESOCKETS_ON_LOOP {}
  void SendGap(const broker::Subscription&, const broker::Gap&) override ESOCKETS_ON_LOOP {}
};

class SilentSink final : public broker::SessionSink {
 public:
  uint64_t session_id() const override { return 0; }
  broker::SessionEvents& session_events() override { return *events; }
  bool TryDeliver(const base::BlockSpan& frames, size_t, broker::FanOut) override ESOCKETS_ON_LOOP {
    if (refusing) return false;
    bytes += frames.size();
    ++spans;
    return true;
  }
  void SendAnswer(broker::Answer, uint64_t) override ESOCKETS_ON_LOOP {}
  void SendFrame(const ServerFrame&) override ESOCKETS_ON_LOOP {}
  void Close(const Ending&) override ESOCKETS_ON_LOOP {}
  void PauseReading() override ESOCKETS_ON_LOOP {}
  void ResumeReading() override ESOCKETS_ON_LOOP {}
  void SaveReceived(const broker::Messages&) override ESOCKETS_ON_LOOP {}
  std::optional<std::string> PopReceived(size_t) override ESOCKETS_ON_LOOP { return std::nullopt; }
  bool reading_paused() const override ESOCKETS_ON_LOOP { return false; }
  broker::SinkView View() const override ESOCKETS_ON_LOOP { return {}; }
  broker::SendState send_state() const override ESOCKETS_ON_LOOP { return {}; }
  size_t unsent_bytes() const override ESOCKETS_ON_LOOP { return 0; }
  broker::NetworkSample SampleNetwork() const override ESOCKETS_ON_LOOP { return {}; }

  SilentEvents nobody;
  broker::SessionEvents* events = &nobody;
  bool refusing = false;
  uint64_t bytes = 0;  // of what was taken
  uint64_t spans = 0;  // that were taken
};

}  // namespace esockets::tests

#endif  // TESTS_SUPPORT_SILENT_SINK_H_
