// What the decoder of client frames must accept, said once more by other means: protobuf's own
// parser and reflection, and none of proto/'s code.
#ifndef TESTS_FUZZ_CLIENT_FRAME_ORACLE_H_
#define TESTS_FUZZ_CLIENT_FRAME_ORACLE_H_

#include <string_view>

#include "proto/esockets.pb.h"

namespace esockets::proto {

// True when the protocol allows `body` as the bytes of a ClientFrame; then *frame is what it says.
bool OracleAccepts(std::string_view body, ClientFrame* frame);

}  // namespace esockets::proto

#endif  // TESTS_FUZZ_CLIENT_FRAME_ORACLE_H_
