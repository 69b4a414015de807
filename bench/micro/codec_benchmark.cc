// What a message costs on its way through the codec: cut and decoded once when it is published,
// encoded once for all subscribers, decoded once by each of them. Beside it, protobuf's own parser.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "bench/micro/per_item.h"
#include "benchmark/benchmark.h"
#include "proto/client_frame_decoder.h"
#include "proto/decode_error.h"
#include "proto/esockets.pb.h"
#include "proto/frame_delimiter.h"
#include "proto/message_view.h"
#include "proto/publish_run.h"
#include "proto/server_frame_encoder.h"
#include "proto/varint.h"
#include "server/limits.h"

namespace esockets::proto {
namespace {

constexpr uint32_t kFrameBytesMax = 1 << 20;

// A delimited Publish of `payload_bytes` to a topic of host `host`; with all options if `options`.
std::string PublishFrame(size_t payload_bytes, bool options, size_t host = 42) {
  ClientFrame frame;
  Publish& publish = *frame.mutable_publish();
  publish.set_topic("telemetry/host-" + std::to_string(host) + "/cpu");
  publish.set_payload(std::string(payload_bytes, 'x'));
  if (options) {
    publish.set_id(1'000'000);
    publish.set_reply_to("inbox/7/1");
    publish.set_ttl_ms(5000);
    for (int i = 0; i < 2; ++i) {
      publish.add_headers()->set_name("content-type");
      publish.mutable_headers(i)->set_value("application/x-protobuf");
    }
  }
  const std::string body = frame.SerializeAsString();
  char prefix[kVarint64BytesMax];
  std::string out(prefix, static_cast<size_t>(PutVarint(body.size(), prefix) - prefix));
  return out + body;
}

std::string_view Cut(std::string_view bytes) {
  std::string_view body;
  size_t consumed = 0, needed = 0;
  if (CutFrame(bytes, kFrameBytesMax, &body, &consumed, &needed) != CutResult::kFrame) return {};
  return body;
}

PublishView Decoded(std::string_view bytes) {
  ClientFrameView view;
  DecodeClientFrame(Cut(bytes), &view);
  return std::get<PublishView>(view.command);
}

void CutAndDecode(benchmark::State& state) {
  const std::string bytes = PublishFrame(static_cast<size_t>(state.range(0)), state.range(1) != 0);
  ClientFrameView view;
  for (auto _ : state) {
    std::string_view input = bytes;
    benchmark::DoNotOptimize(input);
    if (DecodeClientFrame(Cut(input), &view) != DecodeError::kOk) state.SkipWithError("refused");
    benchmark::DoNotOptimize(view);
  }
}

// A whole receive buffer of plain publishes to one topic, or to two in turn, as they are recognised
// before anything is decoded.
void CutRuns(benchmark::State& state) {
  const auto payload_bytes = static_cast<size_t>(state.range(0));
  const auto topics = static_cast<size_t>(state.range(1));
  const size_t frames = server::kRecvBufferBytes / PublishFrame(payload_bytes, false).size();
  std::string buffer;
  for (size_t i = 0; i < frames; ++i) buffer += PublishFrame(payload_bytes, false, 40 + i % topics);
  const PublishRun::Limits limits{
      .frame_bytes_max = kFrameBytesMax, .payload_bytes_max = kFrameBytesMax, .frames_max = 4096};
  PublishRuns runs;
  size_t cut = 0;
  for (auto _ : state) {
    std::string_view rest = buffer;
    while (!rest.empty()) {
      const auto some = runs.Cut(rest, limits, [](std::string_view) { return true; });
      if (some.empty()) break;
      for (const PublishRun& run : some) {
        cut += run.frames().count();
        rest.remove_prefix(run.bytes());
      }
    }
  }
  const uint64_t expected = static_cast<uint64_t>(state.iterations()) * frames;
  if (cut != expected) state.SkipWithError("not every frame");
  bench::ReportPerItem(state, "frame", expected);
}

// A whole receive buffer of small publishes, as a session's codec goes through it.
void CutAndDecodeBuffer(benchmark::State& state) {
  const std::string frame = PublishFrame(static_cast<size_t>(state.range(0)), false);
  const size_t frames = server::kRecvBufferBytes / frame.size();
  std::string buffer;
  for (size_t i = 0; i < frames; ++i) buffer += frame;
  ClientFrameView view;
  std::string_view body;
  size_t consumed = 0, needed = 0, decoded = 0;
  for (auto _ : state) {
    std::string_view rest = buffer;
    while (CutFrame(rest, kFrameBytesMax, &body, &consumed, &needed) == CutResult::kFrame) {
      if (DecodeClientFrame(body, &view) == DecodeError::kOk) ++decoded;
      benchmark::DoNotOptimize(view);
      rest.remove_prefix(consumed);
    }
  }
  const uint64_t expected = static_cast<uint64_t>(state.iterations()) * frames;
  if (decoded != expected) state.SkipWithError("not every frame");
  bench::ReportPerItem(state, "frame", expected);
}

void ProtobufParse(benchmark::State& state) {
  const std::string bytes = PublishFrame(static_cast<size_t>(state.range(0)), state.range(1) != 0);
  const std::string_view body = Cut(bytes);
  ClientFrame frame;
  for (auto _ : state) {
    if (!frame.ParseFromArray(body.data(), static_cast<int>(body.size()))) {
      state.SkipWithError("refused");
    }
    benchmark::DoNotOptimize(frame);
  }
}

void EncodeMessage(benchmark::State& state) {
  const std::string bytes = PublishFrame(static_cast<size_t>(state.range(0)), state.range(1) != 0);
  const PublishView view = Decoded(bytes);
  const bool stamps = state.range(1) != 0;
  const MessageParts parts = {.pieces = view.forwarded(),
                              .stamp_time = stamps,
                              .time_us = 1'700'000'000'000'000,
                              .stamp_publisher = stamps,
                              .publisher = 123'456};
  std::string out(MessageFrameSize(parts), '\0');
  for (auto _ : state) {
    benchmark::DoNotOptimize(MessageFrameSize(parts));
    benchmark::DoNotOptimize(EncodeMessageFrame(parts, out.data()));
    benchmark::ClobberMemory();
  }
}

void DecodeDelivery(benchmark::State& state) {
  const std::string bytes = PublishFrame(static_cast<size_t>(state.range(0)), state.range(1) != 0);
  const PublishView published = Decoded(bytes);
  const MessageParts parts = {.pieces = published.forwarded()};
  std::string out(MessageFrameSize(parts), '\0');
  EncodeMessageFrame(parts, out.data());
  const std::string_view body = Cut(out);
  MessageView view;
  for (auto _ : state) {
    if (!DecodeMessage(body, &view)) state.SkipWithError("not a message");
    benchmark::DoNotOptimize(view);
  }
}

void Answer(benchmark::State& state) {
  char out[kAnswerBytesMax];
  uint64_t id = 1'000'000;
  for (auto _ : state) {
    benchmark::DoNotOptimize(EncodePublished(id++, out));
    benchmark::ClobberMemory();
  }
}

void Cases(benchmark::internal::Benchmark* b) {
  b->ArgNames({"payload_bytes", "options"});
  for (const int64_t bytes : {16, 128, 16384}) b->Args({bytes, 0});
  b->Args({128, 1});
}

BENCHMARK(CutAndDecode)->Apply(Cases);
BENCHMARK(CutAndDecodeBuffer)->ArgName("payload_bytes")->Arg(16)->Arg(128)->Arg(1024);
BENCHMARK(CutRuns)->ArgNames({"payload_bytes", "topics"})->ArgsProduct({{16, 128, 1024}, {1, 2}});
BENCHMARK(ProtobufParse)->Apply(Cases);
BENCHMARK(EncodeMessage)->Apply(Cases);
BENCHMARK(DecodeDelivery)->Apply(Cases);
BENCHMARK(Answer);

}  // namespace
}  // namespace esockets::proto
