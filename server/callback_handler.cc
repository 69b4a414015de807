#include "server/callback_handler.h"

#include <utility>

#include "base/strings.h"

namespace esockets::server {

void CallbackHandler::Call(Connection& client, base::Task callback) {
  if (settings_.pool == nullptr) return callback();
  settings_.pool->RunAlways(client.id(), std::move(callback));
}

void CallbackHandler::OnStart(Connection& client) {
  Call(client, [callbacks = settings_.callbacks, self = client.Self()] {
    callbacks->OnClientConnect(self);
  });
}

size_t CallbackHandler::OnBytes(Connection& client, std::string_view bytes) {
  size_t consumed = 0;
  while (client.open() && !client.reading_paused()) {
    const Cut cut =
        CutMessage(settings_.framing, bytes.substr(consumed), settings_.message_bytes_max);
    if (cut.status == CutStatus::kIncomplete) break;
    if (cut.status == CutStatus::kTooLong) {
      settings_.callbacks->OnWarning(base::StrCat("client ", client.id(),
                                                  " closed: its message is longer than ",
                                                  settings_.message_bytes_max, " bytes"));
      client.Close(CloseMode::kAfterFlush);
      break;
    }
    consumed += cut.consumed_bytes;
    Deliver(client, cut.message, MessageKind::kBinary);
  }
  return consumed;
}

void CallbackHandler::OnMessage(Connection& client, std::string_view message, MessageKind kind) {
  Deliver(client, message, kind);
}

void CallbackHandler::Deliver(Connection& client, std::string_view message, MessageKind kind) {
  if (client.recv_queue() != nullptr) client.recv_queue()->Push(message);
  ServerHandler* callbacks = settings_.callbacks;
  ClientPtr self = client.Self();
  const auto receive =
      kind == MessageKind::kText ? &ServerHandler::OnTextRecv : &ServerHandler::OnMessageRecv;
  if (settings_.pool == nullptr) return (callbacks->*receive)(self, message);
  const auto make_on_room = [&self]() -> base::Task { return [self] { self->ResumeRead(); }; };
  const bool room = settings_.pool->Run(
      client.id(),
      [callbacks, self, receive, copy = std::string(message)] {
        (callbacks->*receive)(self, copy);
      },
      make_on_room);
  if (!room) client.PauseRead();
}

// The answers to what came before are sent first, also when they are still being made on the pool.
void CallbackHandler::OnEndOfInput(Connection& client, bool) {
  Call(client, [self = client.Self()] { self->Close(CloseMode::kAfterFlush); });
}

void CallbackHandler::OnSendQueueHigh(Connection& client) {
  Call(client, [callbacks = settings_.callbacks, self = client.Self()] {
    callbacks->OnSendQueueHigh(self);
  });
}

void CallbackHandler::OnSendQueueLow(Connection& client) {
  Call(client, [callbacks = settings_.callbacks, self = client.Self()] {
    callbacks->OnSendQueueLow(self);
  });
}

void CallbackHandler::OnClosed(Connection& client) {
  Call(client, [callbacks = settings_.callbacks, self = client.Self()] {
    callbacks->OnClientDisconnect(self);
  });
}

}  // namespace esockets::server
