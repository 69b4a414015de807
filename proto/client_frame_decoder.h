// Reads what a client sent, in place: no protobuf objects, no allocation, no copy. Every view lies
// within the frame's bytes and lives as long as they do.
//
// Equal to protobuf's own parser in what it reads (tests/fuzz/client_frame_fuzz.cc), and stricter:
// it refuses unknown fields, groups, singular fields that come twice, the broker's stamps, tags
// longer than necessary, and numbers that their field cannot hold. So what a client can say has one
// meaning, and a field that is added later cannot be mistaken for one that was always ignored.
// Limits of sizes and counts, topic rules and reserved options are the session's affair.
#ifndef PROTO_CLIENT_FRAME_DECODER_H_
#define PROTO_CLIENT_FRAME_DECODER_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <variant>

#include "proto/decode_error.h"
#include "proto/pair_range.h"

namespace esockets::proto {

// Fields are those of proto/esockets.proto, which says units and defaults.
struct PublishView {
  // Three fields, `id`, `confirm_ms` and `message_id`, are not forwarded: they may lie between four
  // pieces.
  static constexpr size_t kPiecesMax = 4;

  std::string_view topic;
  std::string_view payload;
  std::string_view reply_to;
  std::string_view key;
  uint32_t ttl_ms = 0;
  uint64_t id = 0;
  uint32_t confirm_ms = 0;
  std::string_view message_id;

  PairRange headers;
  uint32_t header_count = 0;
  // Bytes of the longest name or value.
  size_t header_bytes_max = 0;

  // The encoded fields that Message shares, as they came and in that order: what is forwarded.
  std::span<const std::string_view> forwarded() const { return {pieces.data(), piece_count}; }
  std::array<std::string_view, kPiecesMax> pieces;
  size_t piece_count = 0;
};

struct WillView {
  PublishView message;
  uint32_t delay_ms = 0;
};

struct ConnectView {
  uint32_t protocol_version = 0;
  std::string_view client_id;
  std::string_view token;
  std::string_view user;
  std::string_view password;
  std::string_view name;
  uint32_t keep_alive_ms = 0;
  std::string_view resume;
  std::optional<WillView> will;

  // A key may come several times: the last one counts.
  PairRange metadata;
  uint32_t metadata_count = 0;
  // Of all keys and values.
  size_t metadata_bytes = 0;
};

struct SubscribeView {
  uint64_t id = 0;
  std::string_view filter;
  std::string_view group;
  // A number of enum Overflow, or one that this broker does not know.
  uint32_t overflow = 0;
  uint32_t max_backlog_messages = 0;
  uint64_t max_backlog_bytes = 0;
  uint32_t max_backlog_age_ms = 0;
  // A number of enum Start, or one that this broker does not know.
  uint32_t start = 0;
  uint64_t start_at = 0;
  uint64_t start_epoch = 0;
  bool skip_last_values = false;
  // A number of enum GroupStrategy, or one that this broker does not know.
  uint32_t group_strategy = 0;
};

struct UnsubscribeView {
  uint64_t id = 0;
  std::string_view filter;
  std::string_view group;
};

struct PingView {
  uint64_t id = 0;
};

struct DisconnectView {
  std::string_view reason;
};

struct RefreshView {
  uint64_t id = 0;
  std::string_view token;
};

// In the order of the fields of ClientFrame.
enum class ClientFrameKind {
  kConnect,
  kSubscribe,
  kUnsubscribe,
  kPublish,
  kPing,
  kDisconnect,
  kRefresh
};

struct ClientFrameView {
  ClientFrameKind kind() const { return static_cast<ClientFrameKind>(command.index()); }

  std::variant<ConnectView, SubscribeView, UnsubscribeView, PublishView, PingView, DisconnectView,
               RefreshView>
      command;
};

// Decodes one frame's bytes, without the length prefix. On error *view means nothing.
DecodeError DecodeClientFrame(std::string_view body, ClientFrameView* view);

}  // namespace esockets::proto

#endif  // PROTO_CLIENT_FRAME_DECODER_H_
