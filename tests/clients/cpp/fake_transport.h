// A client's connection without a socket: the network and the broker behind it are what the test
// says they are.
#ifndef TESTS_CLIENTS_CPP_FAKE_TRANSPORT_H_
#define TESTS_CLIENTS_CPP_FAKE_TRANSPORT_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "clients/cpp/transport.h"

namespace esockets::client {

using Lines = std::vector<std::string>;

// `text`: a ServerFrame in protobuf's text format. Returns the frame with its length prefix.
std::string Framed(const std::string& text);

// Thread: one.
class FakeTransport final : public Transport {
 public:
  // --- Transport
  void set_listener(TransportListener* listener) override { listener_ = listener; }
  void Dial() override;
  void Drop() override { Forget(); }
  void Send(std::string_view frames) override;
  bool congested() const override { return congested_; }
  void PauseRead() override { paused_ = true; }
  void ResumeRead() override { paused_ = false; }

  // --- what happens
  // The attempt that is under way succeeds.
  void Up();
  // It fails, or the connection that stands ends.
  void Break();
  void Congest() { congested_ = true; }
  // The next Send is taken, and is as much as the socket takes.
  void CongestBySend() { congest_by_send_ = true; }
  void Uncongest();
  // Input, with what was left over, unless reading is paused.
  void Arrive(std::string_view bytes);

  // --- what was done
  int dials() const { return dials_; }
  bool up() const { return up_; }
  bool paused() const { return paused_; }
  size_t unread_bytes() const { return input_.size(); }
  // Frames sent since the last call: "connect ID", "subscribe 1 a/#",
  // "subscribe 1 a/# after 7 of 3" (position, epoch), "subscribe 1 a/# start 3 10", "unsubscribe
  // a/#", "publish a=x", "publish a=x confirm 5000", "ping 0", "disconnect".
  Lines TakeSent();

 private:
  void Forget() {
    dialing_ = up_ = false;
    input_.clear();
  }

  TransportListener* listener_ = nullptr;
  bool dialing_ = false;
  bool up_ = false;
  bool paused_ = false;
  bool congested_ = false;
  bool congest_by_send_ = false;
  int dials_ = 0;
  std::string input_;
  std::string sent_;
};

}  // namespace esockets::client

#endif  // TESTS_CLIENTS_CPP_FAKE_TRANSPORT_H_
