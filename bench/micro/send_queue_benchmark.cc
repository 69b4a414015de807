// What a span costs on its way from the router's run to the socket: append to each connection's
// queue, then one flush of each. Small spans are gathered into one buffer, large ones go as a
// vector. Without the kernel, and, in SendToKernel, with it: TCP on loopback, where the sender pays
// for the reader's side of the kernel too. The line to watch: one span per flush, as in fan-out.
//   ./dev bench //bench/micro:send_queue_benchmark
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/micro/per_item.h"
#include "benchmark/benchmark.h"
#include "server/frame_arena.h"
#include "server/limits.h"
#include "server/send_queue.h"
#include "server/socket_address.h"
#include "server/socket_api.h"
#include "server/sockets.h"
#include "server/unique_fd.h"

namespace esockets::server {
namespace {

// A kernel that takes everything at once, and looks at nothing of it.
class GreedyKernel final : public SocketApi {
 public:
  ssize_t Send(int, const void* data, size_t size) override {
    benchmark::DoNotOptimize(data);
    ++sends;
    bytes += size;
    return static_cast<ssize_t>(size);
  }
  ssize_t SendVector(int, iovec* spans, size_t count) override {
    benchmark::DoNotOptimize(spans);
    size_t size = 0;
    for (size_t i = 0; i < count; ++i) size += spans[i].iov_len;
    ++vector_sends;
    bytes += size;
    return static_cast<ssize_t>(size);
  }

  uint64_t sends = 0;
  uint64_t vector_sends = 0;
  uint64_t bytes = 0;
};

// `count` spans of which none goes on where the one before ends.
std::vector<base::BlockSpan> SeparateSpans(FrameArena& arena, size_t count, size_t bytes) {
  const std::string frame(bytes, 'x');
  std::vector<base::BlockSpan> spans;
  for (size_t i = 0; i < count; ++i) {
    spans.push_back(arena.Write(frame));
    arena.Write("to another subscriber");
  }
  return spans;
}

void AppendAndFlush(benchmark::State& state) {
  const auto span_bytes = static_cast<size_t>(state.range(0));
  const auto span_count = static_cast<size_t>(state.range(1));
  const auto queue_count = static_cast<size_t>(state.range(2));
  FrameArena arena;
  SendPool pool;
  GreedyKernel kernel;
  std::vector<SendQueue> queues(queue_count);
  const std::vector<base::BlockSpan> spans = SeparateSpans(arena, span_count, span_bytes);
  int error = 0;
  for (auto _ : state) {
    for (const base::BlockSpan& span : spans) {
      for (SendQueue& queue : queues) queue.Append(span, pool);
    }
    for (SendQueue& queue : queues) {
      if (queue.Flush(3, kernel, pool, &error) != FlushResult::kEmpty) {
        state.SkipWithError("something is left");
      }
    }
  }
  const uint64_t flushes = static_cast<uint64_t>(state.iterations()) * queue_count;
  const bool gathers = span_count == 1 || span_bytes <= kGatherSpanBytesMax;
  if (kernel.bytes != flushes * span_count * span_bytes) state.SkipWithError("bytes are missing");
  if ((gathers ? kernel.sends : kernel.vector_sends) != flushes) {
    state.SkipWithError("not one call for each flush");
  }
  bench::ReportPerItem(state, "span", flushes * span_count);
}

// A run that was offered in pieces: each goes on where the one before ends.
void AppendAdjacent(benchmark::State& state) {
  const auto span_count = static_cast<size_t>(state.range(0));
  FrameArena arena;
  SendPool pool;
  GreedyKernel kernel;
  SendQueue queue;
  std::vector<base::BlockSpan> spans;
  for (size_t i = 0; i < span_count; ++i) spans.push_back(arena.Write(std::string(128, 'x')));
  int error = 0;
  for (auto _ : state) {
    for (const base::BlockSpan& span : spans) queue.Append(span, pool);
    if (queue.spans() != 1) state.SkipWithError("not one span");
    queue.Flush(3, kernel, pool, &error);
  }
  bench::ReportPerItem(state, "span", static_cast<uint64_t>(state.iterations()) * span_count);
}

// Two ends of a TCP connection, tuned as the broker's.
class LoopbackPair {
 public:
  LoopbackPair() {
    const SocketAddress any_port = SocketAddress::Parse("127.0.0.1:0").value();
    const UniqueFd listening = ListenOn(any_port, 1, {}).value();
    reader_ = StartConnect(LocalAddress(listening.get(), any_port), {}).value();
    Wait(listening.get());
    writer_ = UniqueFd(::accept4(listening.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  }

  int writer() const { return writer_.get(); }

  // Takes so many bytes out of the kernel, without looking at them.
  void Discard(size_t bytes) {
    while (bytes > 0) {
      const ssize_t taken = ::recv(reader_.get(), nullptr, bytes, MSG_TRUNC);
      if (taken > 0) {
        bytes -= static_cast<size_t>(taken);
      } else {
        Wait(reader_.get());
      }
    }
  }

 private:
  static void Wait(int fd) {
    pollfd readable = {.fd = fd, .events = POLLIN, .revents = 0};
    ::poll(&readable, 1, -1);
  }

  UniqueFd reader_;
  UniqueFd writer_;
};

double ThreadCpuSeconds() {
  timespec time;
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

// One flush of one shared span to each of a hundred sockets: CPU time of the sending alone.
void SendToKernel(benchmark::State& state) {
  const auto span_bytes = static_cast<size_t>(state.range(0));
  FrameArena arena;
  SendPool pool;
  std::vector<LoopbackPair> sockets(100);
  std::vector<SendQueue> queues(sockets.size());
  const base::BlockSpan span = arena.Write(std::string(span_bytes, 'x'));
  int error = 0;
  for (auto _ : state) {
    for (SendQueue& queue : queues) queue.Append(span, pool);
    const double start = ThreadCpuSeconds();
    for (size_t i = 0; i < queues.size(); ++i) {
      if (queues[i].Flush(sockets[i].writer(), SocketApi::System(), pool, &error) !=
          FlushResult::kEmpty) {
        state.SkipWithError("the kernel has not taken everything");
        return;
      }
    }
    state.SetIterationTime(ThreadCpuSeconds() - start);
    for (LoopbackPair& socket : sockets) socket.Discard(span_bytes);
  }
  const uint64_t sends = static_cast<uint64_t>(state.iterations()) * queues.size();
  bench::ReportPerItem(state, "send", sends);
}

void Cases(benchmark::internal::Benchmark* b) {
  b->ArgNames({"bytes", "spans", "queues"});
  for (const int64_t queues : {1, 1000}) b->Args({128, 1, queues});
  b->ArgsProduct({{16, 128, 1024, 1025}, {4, 16, 32}, {100}});
}

BENCHMARK(AppendAndFlush)->Apply(Cases);
BENCHMARK(AppendAdjacent)->ArgName("spans")->Arg(16);
// A frame with 128 bytes of payload, and runs of 16 and of 400 of them.
BENCHMARK(SendToKernel)->ArgName("bytes")->Arg(160)->Arg(2560)->Arg(64000)->UseManualTime();

}  // namespace
}  // namespace esockets::server
