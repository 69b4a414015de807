// The native protocol: length-delimited protobuf frames (docs/PROTOCOL.md).
#ifndef GATEWAYS_NATIVE_NATIVE_CODEC_H_
#define GATEWAYS_NATIVE_NATIVE_CODEC_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/on_loop.h"
#include "gateways/codec.h"
#include "proto/client_frame_decoder.h"
#include "proto/publish_run.h"

namespace esockets::native {

class NativeCodec final : public gateways::Codec {
 public:
  size_t Decode(std::string_view bytes, broker::Session* session) override ESOCKETS_ON_LOOP;
  void AppendAnswer(broker::Answer answer, uint64_t id, std::string* out) const override;
  void AppendFrame(const ServerFrame& frame, std::string* out) const override;
  void AppendClose(const broker::SessionSink::Ending& ending, std::string* out) const override;

 private:
  // Cuts and hands on plain Publishes that lie in front, if they do. Returns their bytes.
  size_t DecodePublishes(std::string_view bytes, broker::Session* session) ESOCKETS_ON_LOOP;
  // Cuts and hands on one command. False: no more of these bytes can be used now.
  bool DecodeOne(std::string_view bytes, broker::Session* session,
                 size_t* consumed) ESOCKETS_ON_LOOP;

  // Reused: they are large.
  proto::PublishRuns publishes_;
  proto::ClientFrameView frame_;
};

}  // namespace esockets::native

#endif  // GATEWAYS_NATIVE_NATIVE_CODEC_H_
