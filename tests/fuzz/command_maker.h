// Makes commands of a client out of a fuzzer's bytes: every kind with every option, of few topics,
// filters, groups and names, so that they meet.
#ifndef TESTS_FUZZ_COMMAND_MAKER_H_
#define TESTS_FUZZ_COMMAND_MAKER_H_

#include <cstdint>
#include <string>
#include <vector>

#include "proto/esockets.pb.h"
#include "tests/fuzz/byte_source.h"

namespace esockets::tests {

class CommandMaker {
 public:
  // REQUIRES: `input` outlives this.
  explicit CommandMaker(ByteSource* input) : input_(*input) {}

  // Names that clients were told: of their inboxes.
  void set_inboxes(std::vector<std::string> inboxes) { inboxes_ = std::move(inboxes); }

  ClientFrame Connect();
  // `last_id`: of the connection; most commands have the next one.
  ClientFrame Subscribe(uint64_t* last_id);
  ClientFrame Unsubscribe(uint64_t* last_id);
  ClientFrame Publish(uint64_t* last_id);
  ClientFrame Request(uint64_t* last_id);
  ClientFrame Ask(uint64_t* last_id);  // of administration, or for a roster
  ClientFrame Ping();
  ClientFrame Refresh();
  ClientFrame Disconnect();

 private:
  uint64_t NextId(uint64_t* last_id);
  std::string Topic();
  std::string ReplyTo();
  std::string Token();
  void Decorate(esockets::Publish* publish);

  ByteSource& input_;
  std::vector<std::string> inboxes_;
};

}  // namespace esockets::tests

#endif  // TESTS_FUZZ_COMMAND_MAKER_H_
