// Joins a connection of the socket core and a session of the broker, which do not know each other:
// bytes go up as commands, deliveries go down as spans. The turn of a message is read here.
#ifndef GATEWAYS_SESSION_BRIDGE_H_
#define GATEWAYS_SESSION_BRIDGE_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/counted_block.h"
#include "base/on_loop.h"
#include "broker/session.h"
#include "broker/session_sink.h"
#include "broker/shard.h"
#include "gateways/codec.h"
#include "server/connection.h"
#include "server/connection_handler.h"

namespace esockets::gateways {

// Owned by its connection; owns the session. Thread: the loop.
class SessionBridge : public server::ConnectionHandler, protected broker::SessionSink {
 public:
  // REQUIRES: all outlive the bridge.
  SessionBridge(broker::Shard* shard, Codec* codec,
                server::Connection* connection) ESOCKETS_ON_LOOP;

  broker::Session& session() ESOCKETS_ON_LOOP { return session_; }

  // --- up: server::ConnectionHandler
  size_t OnBytes(server::Connection& connection, std::string_view bytes) override ESOCKETS_ON_LOOP;
  void OnAlive(server::Connection&) override ESOCKETS_ON_LOOP { session_.OnAlive(); }
  void OnReadResumed(server::Connection& connection) override ESOCKETS_ON_LOOP;
  void OnEndOfInput(server::Connection& connection, bool unfinished) override ESOCKETS_ON_LOOP;
  void OnDrain(server::Connection&) override ESOCKETS_ON_LOOP { session_.Drain(); }
  void OnFlushed(server::Connection& connection, size_t bytes) override ESOCKETS_ON_LOOP;
  void OnSendRefused(server::Connection& connection) override ESOCKETS_ON_LOOP;
  void OnSendQueueHigh(server::Connection& connection) override ESOCKETS_ON_LOOP;
  void OnSendQueueLow(server::Connection& connection) override ESOCKETS_ON_LOOP;
  void OnClosed(server::Connection& connection) override ESOCKETS_ON_LOOP;

 protected:
  // Flushes while so many bytes more would be above the mark. False: they still are.
  bool MakeRoom(size_t more_bytes, size_t high_watermark_bytes) ESOCKETS_ON_LOOP;
  void Queue(const base::BlockSpan& span, broker::FanOut fan_out) ESOCKETS_ON_LOOP;
  // Puts around an encoded answer what the transport leaves to who queues spans. Default: nothing.
  virtual void Wrap(std::string* /*frame*/) const {}

 private:
  // --- down: broker::SessionSink
  uint64_t session_id() const override { return connection_.id(); }
  broker::SessionEvents& session_events() override { return session_.events(); }
  size_t listener() const override { return connection_.listener(); }
  bool TryDeliver(const base::BlockSpan& frames, size_t high_watermark_bytes,
                  broker::FanOut fan_out) override ESOCKETS_ON_LOOP;
  void SendAnswer(broker::Answer answer, uint64_t id) override ESOCKETS_ON_LOOP;
  void SendFrame(const ServerFrame& frame) override ESOCKETS_ON_LOOP;
  void Close(const Ending& ending) override ESOCKETS_ON_LOOP;
  void PauseReading() override ESOCKETS_ON_LOOP { connection_.PauseRead(); }
  void ResumeReading() override ESOCKETS_ON_LOOP { connection_.ResumeRead(); }
  void SaveReceived(const broker::Messages& messages) override ESOCKETS_ON_LOOP;
  std::optional<std::string> PopReceived(size_t bytes_max) override ESOCKETS_ON_LOOP;
  bool ProbePeer() override ESOCKETS_ON_LOOP { return connection_.Probe(); }
  uint64_t bytes_in_total() const override ESOCKETS_ON_LOOP { return connection_.bytes_in_total(); }
  broker::CertifiedPeer certified_peer() const override ESOCKETS_ON_LOOP;
  bool reading_paused() const override ESOCKETS_ON_LOOP;
  broker::SinkView View() const override ESOCKETS_ON_LOOP;
  broker::SendState send_state() const override ESOCKETS_ON_LOOP;
  size_t unsent_bytes() const override ESOCKETS_ON_LOOP { return connection_.send_queue_bytes(); }
  broker::NetworkSample SampleNetwork() const override ESOCKETS_ON_LOOP;

  void Send(std::string frame) ESOCKETS_ON_LOOP;

  Codec& codec_;
  server::Connection& connection_;
  [[no_unique_address]] broker::Session session_;  // the rest fits behind its last member
  // Out of the send queue. As they cross they are others: encrypted, compressed.
  uint64_t flushed_bytes_total_ = 0;
  bool send_queue_high_ = false;
  bool paused_for_answers_ = false;
};

}  // namespace esockets::gateways

#endif  // GATEWAYS_SESSION_BRIDGE_H_
