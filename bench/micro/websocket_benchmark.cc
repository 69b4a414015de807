// What receiving WebSocket messages costs: headers are read, masks taken off, messages cut, out of
// receive buffers as a socket fills them. Beside it, wslay's event API, which copies each message.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "bench/micro/per_item.h"
#include "benchmark/benchmark.h"
#include "server/limits.h"
#include "server/websocket/frame_decoder.h"
#include "server/websocket/frame_header.h"
#include "server/websocket/mask.h"
#include "wslay/wslay.h"

namespace esockets::websocket {
namespace {

// Whole masked binary messages, about a receive buffer of them; their number to `count`.
std::string Messages(size_t payload_bytes, size_t* count) {
  constexpr uint32_t kMask = 0x3D21FA37;
  *count = std::max<size_t>(1, server::kRecvBufferBytes / (payload_bytes + kHeaderBytesMax));
  std::string all;
  for (size_t i = 0; i < *count; ++i) {
    char header[kServerHeaderBytesMax];
    const size_t size = WriteHeader(Opcode::kBinary, false, payload_bytes, header);
    header[1] = static_cast<char>(header[1] | 0x80);
    all.append(header, size).append(reinterpret_cast<const char*>(&kMask), sizeof kMask);
    std::string payload(payload_bytes, 'x');
    Mask(payload, kMask);
    all += payload;
  }
  return all;
}

// Decoding writes over its input: each round gets it anew, as the kernel copies it.
void Decode(benchmark::State& state) {
  size_t count = 0;
  const std::string all = Messages(static_cast<size_t>(state.range(0)), &count);
  std::string buffer = all;
  FrameDecoder decoder(FrameDecoder::Peer::kClient, false);
  uint64_t messages = 0;
  for (auto _ : state) {
    std::memcpy(buffer.data(), all.data(), all.size());
    std::span<char> input(buffer);
    for (;;) {
      const FrameDecoder::Event event = decoder.Next(&input);
      if (event.kind != FrameDecoder::Kind::kData) break;
      messages += event.ends ? 1 : 0;
      benchmark::DoNotOptimize(event.payload.data());
    }
  }
  const uint64_t expected = static_cast<uint64_t>(state.iterations()) * count;
  if (messages != expected) state.SkipWithError("not every message");
  bench::ReportPerItem(state, "message", expected);
}

// What of Decode is the copy alone.
void CopyIn(benchmark::State& state) {
  size_t count = 0;
  const std::string all = Messages(static_cast<size_t>(state.range(0)), &count);
  std::string buffer = all;
  for (auto _ : state) {
    std::memcpy(buffer.data(), all.data(), all.size());
    benchmark::ClobberMemory();
  }
  bench::ReportPerItem(state, "message", static_cast<uint64_t>(state.iterations()) * count);
}

struct Wslay {
  std::string_view input;
  uint64_t messages = 0;
};

ssize_t OnRecv(wslay_event_context* context, uint8_t* out, size_t size, int, void* user) {
  std::string_view& input = static_cast<Wslay*>(user)->input;
  const size_t n = std::min(size, input.size());
  if (n == 0) {
    wslay_event_set_error(context, WSLAY_ERR_WOULDBLOCK);
    return -1;
  }
  std::memcpy(out, input.data(), n);
  input.remove_prefix(n);
  return static_cast<ssize_t>(n);
}

void OnMessage(wslay_event_context*, const wslay_event_on_msg_recv_arg* message, void* user) {
  benchmark::DoNotOptimize(message->msg);
  ++static_cast<Wslay*>(user)->messages;
}

void DecodeWithWslay(benchmark::State& state) {
  size_t count = 0;
  const std::string all = Messages(static_cast<size_t>(state.range(0)), &count);
  wslay_event_callbacks callbacks{};
  callbacks.recv_callback = OnRecv;
  callbacks.on_msg_recv_callback = OnMessage;
  Wslay wslay;
  wslay_event_context_ptr context = nullptr;
  if (wslay_event_context_server_init(&context, &callbacks, &wslay) != 0) {
    return state.SkipWithError("no context");
  }
  for (auto _ : state) {
    wslay.input = all;
    if (wslay_event_recv(context) != 0) state.SkipWithError("refused");
  }
  wslay_event_context_free(context);
  const uint64_t expected = static_cast<uint64_t>(state.iterations()) * count;
  if (wslay.messages != expected) state.SkipWithError("not every message");
  bench::ReportPerItem(state, "message", expected);
}

void Cases(benchmark::internal::Benchmark* b) {
  b->ArgName("payload_bytes");
  for (const int64_t bytes : {16, 128, 1024, 65536}) b->Arg(bytes);
}

BENCHMARK(Decode)->Apply(Cases);
BENCHMARK(CopyIn)->Apply(Cases);
BENCHMARK(DecodeWithWslay)->Apply(Cases);

}  // namespace
}  // namespace esockets::websocket
