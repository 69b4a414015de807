// The original ESocketS example: a server that sends everybody's messages back to them.
#include <signal.h>

#include <iostream>
#include <string>

#include "CLI/CLI.hpp"
#include "base/strings.h"
#include "server/socket_server.h"
#include "server/websocket/websocket_door.h"

using esockets::server::ClientPtr;
using esockets::server::ConnectionEndText;
using esockets::server::MessageKind;
using esockets::server::SocketServerOptions;

class Echo : public esockets::server::ServerHandler {
 public:
  void OnStart() override { std::cout << "the server starts" << std::endl; }
  void OnClientConnect(const ClientPtr& client) override {
    std::cout << client->peer().ToString() << " connected, fd " << client->fileno() << std::endl;
  }
  void OnMessageRecv(const ClientPtr& client, std::string_view message) override {
    std::cout << client->peer().ToString() << ": " << message.size() << " bytes" << std::endl;
    client->Send(message);
  }
  // Over WebSocket a text goes back as a text.
  void OnTextRecv(const ClientPtr& client, std::string_view text) override {
    std::cout << client->peer().ToString() << ": " << text.size() << " bytes of text" << std::endl;
    client->Send(text, MessageKind::kText);
  }
  void OnClientDisconnect(const ClientPtr& client) override {
    std::cout << client->peer().ToString() << " disconnected: " << ConnectionEndText(client->end())
              << std::endl;
  }
  void OnServerShuttingDown() override { std::cout << "shutting down" << std::endl; }
  void OnServerShutDown() override { std::cout << "shut down" << std::endl; }
  void OnWarning(std::string_view warning) override { std::cerr << warning << std::endl; }
};

// What nobody expects shall end the program. NOLINTNEXTLINE(bugprone-exception-escape)
int main(int argc, char** argv) {
  CLI::App app("Sends everybody's messages back to them.");
  int port = 1234;
  app.add_option("--port", port, "Port on 127.0.0.1; 0: a free one")->capture_default_str();
  bool websocket = false;
  app.add_flag("--websocket", websocket, "Over WebSocket, messages of at most 16 MiB");
  CLI11_PARSE(app, argc, argv);

  // Blocked before the server's threads begin, which inherit it; taken by sigwait below.
  sigset_t stop;
  sigemptyset(&stop);
  sigaddset(&stop, SIGINT);
  sigaddset(&stop, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &stop, nullptr);

  Echo echo;
  SocketServerOptions options{.port = port};
  if (websocket) {
    options.door =
        esockets::websocket::MakeWebSocketDoor({.transport = {.message_bytes_max = 16 << 20}});
  }
  esockets::server::SocketServer server(options, &echo);
  if (const absl::Status started = server.Start(); !started.ok()) {
    std::cerr << esockets::base::Message(started) << std::endl;
    return 1;
  }
  std::cout << "listening on " << server.addresses()[0].ToString() << std::endl;
  int signal_number = 0;
  sigwait(&stop, &signal_number);
  server.Drain(std::chrono::seconds(5));
}
