// Every limit of the socket core: name, unit, default, reason.
#ifndef SERVER_LIMITS_H_
#define SERVER_LIMITS_H_

#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace esockets::server {

// --- reading ------------------------------------------------------------------------------------

// One recv per connection and turn of at most this much. 16 KiB cost 45 to 70 % more CPU, 256 KiB
// gained little.
inline constexpr size_t kRecvBufferBytes = 64 << 10;

// Unfinished input up to this size is moved in front of the next recv instead of growing a buffer
// of the connection's own.
inline constexpr size_t kTailInScratchBytesMax = 64 << 10;

// Events of one epoll_wait: bounds what a turn reads to 1 MiB before anything is flushed.
inline constexpr int kEventsPerTurnMax = 16;

// --- writing ------------------------------------------------------------------------------------

// Frames of a turn lie back to back in chunks of this size.
inline constexpr uint32_t kChunkBytes = 64 << 10;

// Frames of one chunk: bounds what is noted about tiny ones (64 KiB holds as many of 16 bytes).
inline constexpr size_t kChunkFramesMax = 4096;

// Free chunks kept for reuse by one loop (4 MiB); more go back to the allocator.
inline constexpr size_t kFreeChunksMax = 64;

// Bytes of chunks in use on one loop above which waiting spans are copied out of any chunk, old or
// not, so that a client that hangs on 100 bytes does not pin 64 KiB.
inline constexpr size_t kArenaBytesMax = 64 << 20;

// A chunk that is still waited for after this time has its waiting spans copied out, unless they
// are together more than half of it.
inline constexpr base::Duration kChunkAgeMax = std::chrono::seconds(1);

// Unsent bytes of a connection above which it counts as slow (and, refused by the kernel, as
// behind).
inline constexpr size_t kHighWatermarkBytes = 256 << 10;

// Unsent bytes at which a slow connection has caught up.
inline constexpr size_t kLowWatermarkBytes = 64 << 10;

// Unsent bytes of a connection above which Send refuses: a reader that never reads must not eat the
// server's memory.
inline constexpr size_t kSendQueueBytesMax = 64 << 20;

// One message of Send: offsets within a block have 32 bits.
inline constexpr size_t kSendBytesMax = 1 << 30;

// Bytes of Sends of other threads on their way to the loop above which Send refuses, whatever
// send_queue_bytes_max says: they and a message of kSendBytesMax are counted in 32 bits.
inline constexpr size_t kPostedBytesMax = size_t{2} << 30;

// What the kernel holds unsent for a connection at most: by default it takes 4 MB from us for a
// reader that has stopped.
inline constexpr size_t kKernelUnsentBytesMax = 128 << 10;

// TCP_NOTSENT_LOWAT that keeps that promise. The kernel looks at it before it fills a segment of up
// to 64 KiB, and so holds up to one segment more (measured: 95 KB at 64 KiB, 163 KB at 128 KiB).
inline constexpr int kNotSentLowAtBytes = 64 << 10;

// One slice of flushing; then the sockets are looked at again. Checked every kSendsPerClockCheck.
inline constexpr base::Duration kFlushSlice = std::chrono::microseconds(100);
inline constexpr int kSendsPerClockCheck = 8;

// Tasks that nobody who is connected waits for, handshakes of TLS: as much time at once as no one
// minds, and of a busy loop's time one part in 1 + kLowPriorityDivisor.
inline constexpr base::Duration kLowPrioritySlice = std::chrono::milliseconds(1);
inline constexpr int kLowPriorityDivisor = 3;

// Spans of one sendmsg; and the mean size below which several spans are copied together instead, up
// to so many bytes.
inline constexpr int kSpansPerSendMax = 64;
inline constexpr size_t kGatherSpanBytesMax = 1024;
inline constexpr size_t kGatherBytesMax = 64 << 10;

// Of the rings of spans that a loop keeps at rest, for the clients that wait next: 1 MiB.
inline constexpr size_t kPooledSpansMax = 64 << 10;

// --- connections --------------------------------------------------------------------------------

// Connections that the kernel completes before we accept them. It drops the connects of a storm
// that find no place, and they are tried again only after a second. Linux lowers it to its own
// net.core.somaxconn, which is the same by default.
inline constexpr int kListenBacklog = 4096;

// Accepted in one turn, so that a storm of connects does not starve the connected.
inline constexpr int kAcceptsPerTurnMax = 64;

// Connections that are asked to end in one turn, when the server drains: about 1 ms.
inline constexpr int kDrainsPerTurnMax = 64;

// While a turn of one loop takes longer than this, nobody is accepted but so many in each such
// pause, which is about a twentieth of a loop's time: those who are connected come first.
inline constexpr base::Duration kAcceptLagMax = std::chrono::milliseconds(20);
inline constexpr base::Duration kAcceptLatePause = std::chrono::milliseconds(50);
inline constexpr int kAcceptsWhenLateMax = 32;

// Of what a refused client has sent already, read and thrown away before its connection is closed.
inline constexpr size_t kRefusedInputBytesMax = 4 << 10;

// The header of a proxy (PROXY protocol), TLVs included: one with the addresses of UNIX sockets has
// 232 bytes, and HAProxy's document asks for 536 at most. What describes a certificate besides
// finds room, the certificate itself does not.
inline constexpr size_t kProxyHeaderBytesMax = 1024;

// Waiting time after accepting has failed: out of descriptors or of memory.
inline constexpr base::Duration kAcceptPause = std::chrono::milliseconds(100);

// Between two warnings of one listener, so that a shortage does not fill the log.
inline constexpr base::Duration kAcceptWarningInterval = std::chrono::seconds(10);

// How long a peer may take none of the last bytes; and after them, how long the peer's bytes are
// read and thrown away, because closing with unread input would destroy what it has not received
// yet.
inline constexpr base::Duration kCloseLinger = std::chrono::seconds(2);

// Half-open peers: first probe after, interval, and how long sent bytes may stay unacknowledged.
// The kernel counts a window that stays closed as well: a peer that reads nothing for that long,
// with bytes waiting for it, is given up.
inline constexpr int kTcpKeepAliveIdleSeconds = 60;
inline constexpr int kTcpKeepAliveIntervalSeconds = 15;
inline constexpr int kTcpUserTimeoutMillis = 60'000;

// Closed clients that stay readable in SocketServer::clients().
inline constexpr size_t kClosedClientsMax = 1000;

// Largest message of the length-delimited and the line framing.
inline constexpr size_t kMessageBytesMax = 1 << 20;

// Messages waiting for a thread of the callback pool, for each thread; above it reading pauses.
inline constexpr size_t kCallbackQueueMessagesMax = 10'000;

}  // namespace esockets::server

#endif  // SERVER_LIMITS_H_
