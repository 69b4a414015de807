// What the in-place views say, as protobuf messages: for comparing the two.
#ifndef TESTS_SUPPORT_VIEW_TO_PROTO_H_
#define TESTS_SUPPORT_VIEW_TO_PROTO_H_

#include "proto/client_frame_decoder.h"
#include "proto/esockets.pb.h"
#include "proto/message_view.h"

namespace esockets::proto {

// Aborts when the counts of a view are not those of its pairs.
ClientFrame ToProto(const ClientFrameView& view);

Message ToProto(const MessageView& view);

}  // namespace esockets::proto

#endif  // TESTS_SUPPORT_VIEW_TO_PROTO_H_
