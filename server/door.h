// What a new connection meets first: it finds out what the connection is, and makes way for the
// handler of the server.
#ifndef SERVER_DOOR_H_
#define SERVER_DOOR_H_

#include <functional>
#include <memory>

#include "server/connection_handler.h"

namespace esockets::server {

class Connection;

// Called on the connection's loop.
using MakeHandler = std::function<std::unique_ptr<ConnectionHandler>(Connection&)>;

// Makes what makes the handlers that stand in the door, out of what makes those behind it: the
// first give way to the second (Connection::ChangeProtocol). Called once.
using Door = std::function<MakeHandler(MakeHandler behind)>;

}  // namespace esockets::server

#endif  // SERVER_DOOR_H_
