// What of a connection goes out next, and in which form: the bytes of its send queue as WebSocket
// messages, and control frames between them.
//
// A stream is sealed: of what a flush finds, as much as is allowed goes behind one header into one
// message. Headers are made when they are sent; what is queued are the same bytes that others
// share. Framed queues hold frames already. Thread: the loop.
#ifndef SERVER_WEBSOCKET_OUTGOING_H_
#define SERVER_WEBSOCKET_OUTGOING_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "server/send_pool.h"
#include "server/send_queue.h"
#include "server/socket_api.h"
#include "server/websocket/frame_header.h"

namespace esockets::websocket {

class Outgoing {
 public:
  enum class Form : uint8_t { kSealed, kFramed };
  // `plain_bytes` of the queue go out first, as they are.
  Outgoing(Form form, size_t plain_bytes)
      : message_left_(static_cast<uint32_t>(plain_bytes)), form_(form) {}

  // One send of as much as it takes. `wire_bytes` is what the kernel took. `error`: of kFailed.
  server::FlushResult Flush(server::SendQueue& queue, int fd, server::SocketApi& api,
                            server::SendPool& pool, size_t* wire_bytes, int* error);

  // Goes out in front of the next message. Above kControlQueueBytesMax the oldest frames that have
  // not begun are dropped. No effect after AddClose.
  void AddControl(Opcode opcode, std::string_view payload);

  // Goes out behind everything that is queued.
  void AddClose(std::string_view payload);

  // Are all frames of its own sent?
  bool empty() const { return own_ == nullptr; }

  // Drops the queue's frames that nothing was announced of.
  void DropUnsentFrames(server::SendQueue& queue, server::SendPool& pool) const;

 private:
  class Plan;
  struct Own {
    std::string control;     // whole frames, but for what is sent of the first
    size_t begun_bytes = 0;  // of the first frame, what is left of it when some of it is sent
    std::string close;
  };

  void MakePlan(const server::SendQueue& queue, Plan* plan) const;
  void PlanMessages(server::SendQueue::Cursor* cursor, Plan* plan) const;
  void NoteSent(const Plan& plan, size_t sent_bytes, server::SendQueue& queue,
                server::SendPool& pool);
  void NoteControlSent(size_t sent_bytes);
  void NoteCloseSent(size_t sent_bytes);
  // Bytes of the queue up to where a frame of ours may stand.
  size_t BytesToBoundary(const server::SendQueue& queue) const {
    return form_ == Form::kSealed ? message_left_
                                  : std::max<size_t>(message_left_, queue.begun_frame_bytes());
  }

  std::unique_ptr<Own> own_;
  uint32_t message_left_;    // bytes of the queue that the last header announced, or that are plain
  uint8_t header_left_ = 0;  // bytes of that header
  const Form form_;
};

}  // namespace esockets::websocket

#endif  // SERVER_WEBSOCKET_OUTGOING_H_
