// The broker's words for every refusal and every ending, as clients, the log and the metrics say
// them. docs/PROTOCOL.md has the same tables; a test holds them equal. Numbers are never reused.
#ifndef BROKER_ERRORS_H_
#define BROKER_ERRORS_H_

#include <cstdint>
#include <span>
#include <string_view>

namespace esockets::broker {

// A request failed, the connection goes on: Error.code. Numbers 100 to 199.
enum class ErrorCode : uint32_t {
  // The request itself.
  kBadRequestId = 100,
  kDuplicateRequestId = 101,
  kUnsupported = 102,
  // Topics and filters.
  kTopicInvalid = 110,
  kFilterInvalid = 111,
  kReplyToInvalid = 112,
  kReservedTopic = 113,
  kNotSubscribed = 114,
  // Rights and quotas.
  kNotPermitted = 120,
  kTooManySubscriptions = 121,
  kBrokerBusy = 122,
  kOverflowNotAllowed = 123,
  // Streams.
  kNotInStream = 124,
  kStartInvalid = 125,
  kMessageIdInvalid = 126,
  kMessageIdUsed = 127,
  kTooManyLastValues = 128,
  kRefreshRefused = 129,
  // Sizes.
  kPayloadTooLarge = 130,
  kHeadersTooLarge = 131,
  kKeyTooLong = 132,
  // Administration.
  kAdminBadRequest = 140,
  kAdminUnknownRequest = 141,
  kNoSuchClient = 142,
  kRecvQueueOff = 143,
  kNoSuchStream = 144,
  // Requests and replies.
  kNoResponders = 150,
  kNoSuchInbox = 151,
  kInboxNotAllowed = 152,
  kGroupInvalid = 153,
  kGroupDiffers = 154,
  // Presence.
  kPresenceNotConfigured = 160,
  kTooManyPresenceTopics = 161,
  kPresenceBadRequest = 162,
  // The broker.
  kInternal = 190,
};

// The broker ends the connection: Close.code. Numbers 200 to 299.
enum class CloseCode : uint32_t {
  // As asked.
  kGoodbye = 200,
  kLeft = 201,  // never sent: nobody is there to read it
  // What arrived is not the protocol.
  kProtocolError = 210,
  kFrameTooLarge = 211,
  kUnknownProtocol = 212,
  kTlsRequired = 213,
  kTlsFailed = 214,     // never sent: there is no way to say it
  kProxyRefused = 215,  // never sent: who knows what was spoken behind it
  // The way in.
  kConnectTimeout = 220,
  kConnectExpected = 221,
  kConnectedTwice = 222,
  kFirstPacketTooLarge = 223,
  kUnsupportedVersion = 224,
  kConnectInvalid = 225,
  kClientIdInvalid = 226,
  // Who.
  kNotAuthenticated = 230,
  kTakenOver = 231,
  kKicked = 232,
  kCredentialsExpired = 233,
  kAuthenticationBusy = 234,
  kCredentialsRevoked = 235,
  // The client does not keep up.
  kKeepAliveTimeout = 240,
  kSlowConsumer = 241,
  // The broker cannot go on.
  kShuttingDown = 250,
  kTooManyClients = 251,
  kInternal = 259,
  // The way between broke. Never sent.
  kConnectionLost = 260,
};

template <typename Code>
struct CodeInfo {
  Code code;
  // UPPER_SNAKE, for metrics, logs and documents.
  std::string_view name;
  // What happened: Error.text, Close.text. Details go to `detail` at the place that knows them.
  std::string_view text;
  // May the same request, or the same client, try again unchanged?
  bool retryable;
  // What the client, or the person behind it, should do.
  std::string_view advice;
};

using ErrorInfo = CodeInfo<ErrorCode>;
using CloseInfo = CodeInfo<CloseCode>;

const ErrorInfo& Info(ErrorCode code);
const CloseInfo& Info(CloseCode code);

// Every code, by number.
std::span<const ErrorInfo> AllErrors();
std::span<const CloseInfo> AllCloses();

}  // namespace esockets::broker

#endif  // BROKER_ERRORS_H_
