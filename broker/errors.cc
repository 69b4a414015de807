#include "broker/errors.h"

#include <algorithm>
#include <cstdlib>

namespace esockets::broker {
namespace {

constexpr ErrorInfo kErrors[] = {
    {ErrorCode::kBadRequestId, "BAD_REQUEST_ID", "the request id must not be 0", false,
     "Number the requests of a connection from 1."},
    {ErrorCode::kDuplicateRequestId, "DUPLICATE_REQUEST_ID",
     "request ids must rise, and this one does not", false,
     "Number the requests of a connection 1, 2, 3 and so on."},
    {ErrorCode::kUnsupported, "UNSUPPORTED", "this broker does not support this option", false,
     "Leave the option out, or use a newer broker."},

    {ErrorCode::kTopicInvalid, "TOPIC_INVALID", "the topic breaks the rules of topics", false,
     "Send 1 byte to 1 KiB of UTF-8 in at most 32 levels, without +, # or NUL."},
    {ErrorCode::kFilterInvalid, "FILTER_INVALID", "the filter breaks the rules of filters", false,
     "Let + and # each fill a whole level, and # only the last one."},
    {ErrorCode::kReplyToInvalid, "REPLY_TO_INVALID", "reply_to breaks the rules of topics", false,
     "Put a valid topic into reply_to, outside $."},
    {ErrorCode::kReservedTopic, "RESERVED_TOPIC",
     "topics below $ are published by the broker alone", false,
     "Publish to another topic; $SYS/... takes the requests of admin.proto only."},
    {ErrorCode::kNotSubscribed, "NOT_SUBSCRIBED", "there is no subscription to this filter", false,
     "Unsubscribe with the filter exactly as it was subscribed."},

    {ErrorCode::kNotPermitted, "NOT_PERMITTED", "this client is not allowed to do that", false,
     "Ask the operator for the permission, or connect with other credentials."},
    {ErrorCode::kTooManySubscriptions, "TOO_MANY_SUBSCRIPTIONS",
     "this client has as many subscriptions as it may have", false,
     "Unsubscribe from others first, or use wildcards."},
    {ErrorCode::kBrokerBusy, "BROKER_BUSY", "the broker is short of memory", true,
     "Try again later, with growing pauses."},
    {ErrorCode::kOverflowNotAllowed, "OVERFLOW_NOT_ALLOWED",
     "the operator does not allow this overflow for these topics", false,
     "Subscribe with one of those that the detail names, or leave the choice to the operator."},
    {ErrorCode::kNotInStream, "NOT_IN_STREAM", "no stream keeps all that this is about", false,
     "Subscribe to a filter within one stream, or ask the operator for a stream."},
    {ErrorCode::kStartInvalid, "START_INVALID", "there is no such place to begin", false,
     "Begin behind a position that a message or Subscribed told, with its epoch."},
    {ErrorCode::kMessageIdInvalid, "MESSAGE_ID_INVALID", "the message id is not acceptable", false,
     "Send a message id of at most 64 bytes, with a request id."},
    {ErrorCode::kMessageIdUsed, "MESSAGE_ID_USED",
     "the message id stands for a message with another content", false,
     "Choose an id that no other message has."},
    {ErrorCode::kTooManyLastValues, "TOO_MANY_LAST_VALUES",
     "no more last values are kept; the message was not delivered", true,
     "Clear the values of topics that are no more, or ask the operator for a higher limit."},
    {ErrorCode::kRefreshRefused, "REFRESH_REFUSED", "the new token was not accepted", false,
     "Get another one, of the same user, before the old one expires."},

    {ErrorCode::kPayloadTooLarge, "PAYLOAD_TOO_LARGE", "the payload is above the limit", false,
     "Send less at once, or publish where the data is."},
    {ErrorCode::kHeadersTooLarge, "HEADERS_TOO_LARGE",
     "there are too many headers, or one is too long", false,
     "Send at most 32 headers, each name and value at most 1 KiB."},
    {ErrorCode::kKeyTooLong, "KEY_TOO_LONG", "the key is above the limit", false,
     "Send a key of at most 256 bytes."},

    {ErrorCode::kAdminBadRequest, "ADMIN_BAD_REQUEST",
     "the administration request could not be understood", false,
     "Publish the request's message of admin.proto as payload, with a reply_to."},
    {ErrorCode::kAdminUnknownRequest, "ADMIN_UNKNOWN_REQUEST",
     "there is no such administration request", false,
     "Use one of the $SYS topics of admin.proto."},
    {ErrorCode::kNoSuchClient, "NO_SUCH_CLIENT", "no client with this id is connected", false,
     "Ask $SYS/clients who is connected."},
    {ErrorCode::kRecvQueueOff, "RECV_QUEUE_OFF", "the broker keeps no recv_queue", false,
     "Start the broker with --recv_queue."},
    {ErrorCode::kNoSuchStream, "NO_SUCH_STREAM", "no stream has this name", false,
     "Ask $SYS/streams which there are."},

    {ErrorCode::kNoResponders, "NO_RESPONDERS", "nobody is there to answer the request", true,
     "Start whoever answers, and ask again."},
    {ErrorCode::kNoSuchInbox, "NO_SUCH_INBOX", "there is no such inbox, or not any more", false,
     "Forget the answer: whoever asked is gone. Otherwise publish to reply_to as it came."},
    {ErrorCode::kInboxNotAllowed, "INBOX_NOT_ALLOWED",
     "an inbox stands where this client must not name it", false,
     "Put what is below the inbox that Connected told into reply_to; it needs no subscription."},

    {ErrorCode::kGroupInvalid, "GROUP_INVALID", "this is not possible in a group", false,
     "Send a name of at most 128 bytes; begin with what is published from now on."},
    {ErrorCode::kGroupDiffers, "GROUP_DIFFERS", "the group has another strategy or overflow", false,
     "Ask for what the detail names, or leave it to the group."},

    {ErrorCode::kPresenceNotConfigured, "PRESENCE_NOT_CONFIGURED",
     "this broker does not tell who is on this topic", false,
     "Ask the operator for a presence rule whose filter matches the topic."},
    {ErrorCode::kTooManyPresenceTopics, "TOO_MANY_PRESENCE_TOPICS",
     "this client is on as many topics with presence as it may be", false,
     "Unsubscribe from others first, or use a wildcard: who does is not told to be there."},
    {ErrorCode::kPresenceBadRequest, "PRESENCE_BAD_REQUEST",
     "the request for a roster could not be understood", false,
     "Publish a PresenceRequest of presence.proto as payload, with a reply_to."},

    {ErrorCode::kInternal, "INTERNAL", "the broker failed to carry out the request", true,
     "Try again; if it stays, show the operator the time and this code."},
};

constexpr CloseInfo kCloses[] = {
    {CloseCode::kGoodbye, "GOODBYE", "goodbye", true, "Nothing: the client asked for it."},
    {CloseCode::kLeft, "LEFT", "the client closed its connection without saying goodbye", true,
     "Send Disconnect first, so that a crash can be told from a goodbye."},

    {CloseCode::kProtocolError, "PROTOCOL_ERROR",
     "the client sent what the protocol does not allow", false,
     "Correct the client; the detail says what was wrong."},
    {CloseCode::kFrameTooLarge, "FRAME_TOO_LARGE", "a frame is longer than the limit", false,
     "Keep frames within the limit that Connected tells."},
    {CloseCode::kUnknownProtocol, "UNKNOWN_PROTOCOL",
     "the first bytes belong to no protocol spoken here", false,
     "Check the port, and that the first frame is Connect."},
    {CloseCode::kTlsRequired, "TLS_REQUIRED", "this port takes TLS alone", false,
     "Connect with tls:// or wss://."},
    {CloseCode::kTlsFailed, "TLS_FAILED", "the TLS handshake failed", false,
     "Check the certificates on both sides; the detail says what was wrong."},
    {CloseCode::kProxyRefused, "PROXY_REFUSED",
     "the connection did not come through a trusted proxy, with its PROXY header", false,
     "Connect to another port, or list the proxy where the broker listens."},

    {CloseCode::kConnectTimeout, "CONNECT_TIMEOUT", "Connect did not arrive in time", true,
     "Send Connect at once after connecting."},
    {CloseCode::kConnectExpected, "CONNECT_EXPECTED", "the first frame must be Connect", false,
     "Send Connect before anything else."},
    {CloseCode::kConnectedTwice, "CONNECTED_TWICE", "Connect may be sent only once", false,
     "Open another connection for another session."},
    {CloseCode::kFirstPacketTooLarge, "FIRST_PACKET_TOO_LARGE",
     "too many bytes before Connect was accepted", false,
     "Wait for Connected before sending this much."},
    {CloseCode::kUnsupportedVersion, "UNSUPPORTED_VERSION",
     "this protocol version is not spoken here", false, "Connect with protocol_version 1."},
    {CloseCode::kConnectInvalid, "CONNECT_INVALID", "a field of Connect is not acceptable", false,
     "Correct the field that the detail names."},
    {CloseCode::kClientIdInvalid, "CLIENT_ID_INVALID", "the client id is not acceptable", false,
     "Choose an id of at most 64 bytes that nobody else uses, or none."},

    {CloseCode::kNotAuthenticated, "NOT_AUTHENTICATED", "the credentials were not accepted", false,
     "Check token, or user and password."},
    {CloseCode::kTakenOver, "TAKEN_OVER", "another connection took over this client id", false,
     "Give every running client an id of its own."},
    {CloseCode::kKicked, "KICKED", "an operator closed this connection", false,
     "Ask the operator before connecting again."},
    {CloseCode::kCredentialsExpired, "CREDENTIALS_EXPIRED", "the credentials have expired", false,
     "Connect with fresh ones; Refresh a token before it expires."},
    {CloseCode::kAuthenticationBusy, "AUTHENTICATION_BUSY",
     "too many clients wait for their passwords to be checked", true,
     "Connect again later, with growing pauses."},
    {CloseCode::kCredentialsRevoked, "CREDENTIALS_REVOKED",
     "the credentials that the client came with do not count any more", true,
     "Connect again after retry_after_ms, with those that count now."},

    {CloseCode::kKeepAliveTimeout, "KEEP_ALIVE_TIMEOUT",
     "nothing was heard from the client for too long", true,
     "Send a Ping within every keep_alive_ms."},
    {CloseCode::kSlowConsumer, "SLOW_CONSUMER", "the client did not read fast enough", true,
     "Read faster, subscribe to less, or choose an overflow that drops."},

    {CloseCode::kShuttingDown, "SHUTTING_DOWN", "the broker is shutting down", true,
     "Connect again after retry_after_ms."},
    {CloseCode::kTooManyClients, "TOO_MANY_CLIENTS", "there are as many clients as there may be",
     true, "Connect again later, with growing pauses."},
    {CloseCode::kInternal, "INTERNAL", "the broker failed", true,
     "Connect again; if it stays, show the operator the time and this code."},

    {CloseCode::kConnectionLost, "CONNECTION_LOST", "the connection broke", true,
     "Connect again; look at the network, and at whether the client crashed."},
};

template <typename Code>
const CodeInfo<Code>& Find(std::span<const CodeInfo<Code>> all, Code code) {
  const auto found = std::ranges::lower_bound(all, code, {}, &CodeInfo<Code>::code);
  if (found == all.end() || found->code != code) std::abort();  // not an enumerator
  return *found;
}

}  // namespace

const ErrorInfo& Info(ErrorCode code) { return Find(AllErrors(), code); }
const CloseInfo& Info(CloseCode code) { return Find(AllCloses(), code); }

std::span<const ErrorInfo> AllErrors() { return kErrors; }
std::span<const CloseInfo> AllCloses() { return kCloses; }

}  // namespace esockets::broker
