#include "proto/client_frame_decoder.h"

#include <algorithm>
#include <initializer_list>

#include "proto/esockets.pb.h"
#include "proto/field_reader.h"

namespace esockets::proto {
namespace {

// A set of field numbers below 32.
class FieldSet {
 public:
  constexpr FieldSet() = default;
  constexpr FieldSet(std::initializer_list<int> numbers) {
    for (const int number : numbers) bits_ |= uint32_t{1} << number;
  }
  constexpr bool Has(uint32_t number) const { return number < 32 && (bits_ >> number & 1) != 0; }
  constexpr void Add(uint32_t number) { bits_ |= uint32_t{1} << number; }

 private:
  uint32_t bits_ = 0;
};

struct FieldRules {
  FieldSet known;
  FieldSet repeated;
  FieldSet stamps;
};

// Calls `read(in)` for each field of `bytes` that the rules allow; it switches by in.number().
template <typename Read>
DecodeError ReadFields(std::string_view bytes, const FieldRules& rules, Read read) {
  FieldReader in(bytes);
  FieldSet seen;
  while (!in.done()) {
    if (const DecodeError error = in.ReadTag(); error != DecodeError::kOk) return error;
    const uint32_t number = in.number();
    if (!rules.known.Has(number)) {
      return rules.stamps.Has(number) ? DecodeError::kStampField : DecodeError::kUnknownField;
    }
    if (seen.Has(number) && !rules.repeated.Has(number)) return DecodeError::kRepeatedField;
    seen.Add(number);
    if (const DecodeError error = read(in); error != DecodeError::kOk) return error;
  }
  return DecodeError::kOk;
}

// protobuf fixes 1 and 2 for map entries; Header has the same shape.
constexpr FieldRules kPairRules = {.known = {1, 2}, .repeated = {}, .stamps = {}};
static_assert(Header::kNameFieldNumber == 1 && Header::kValueFieldNumber == 2);

DecodeError CheckPair(FieldReader& in, Pair* pair) {
  std::string_view bytes;
  if (const DecodeError error = in.ReadBytes(&bytes); error != DecodeError::kOk) return error;
  *pair = {};
  return ReadFields(bytes, kPairRules, [pair](FieldReader& field) {
    return field.ReadString(field.number() == 1 ? &pair->first : &pair->second);
  });
}

constexpr FieldRules kPublishRules = {
    .known = {Publish::kTopicFieldNumber, Publish::kPayloadFieldNumber,
              Publish::kHeadersFieldNumber, Publish::kReplyToFieldNumber, Publish::kKeyFieldNumber,
              Publish::kTtlMsFieldNumber, Publish::kIdFieldNumber, Publish::kConfirmMsFieldNumber,
              Publish::kMessageIdFieldNumber},
    .repeated = {Publish::kHeadersFieldNumber},
    .stamps = {16, 17, 18, 19, 20, 21, 22, 23}};

DecodeError ReadHeader(FieldReader& in, PublishView* view) {
  Pair header;
  const DecodeError error = CheckPair(in, &header);
  ++view->header_count;
  view->header_bytes_max =
      std::max({view->header_bytes_max, header.first.size(), header.second.size()});
  return error;
}

// One that is not forwarded.
DecodeError ReadOwnField(FieldReader& in, PublishView* view) {
  switch (in.number()) {
    case Publish::kIdFieldNumber:
      return in.ReadUint64(&view->id);
    case Publish::kConfirmMsFieldNumber:
      return in.ReadUint32(&view->confirm_ms);
    default:
      return in.ReadBytes(&view->message_id);
  }
}

void AddPiece(const char* begin, const char* end, PublishView* view) {
  if (begin == end) return;
  view->pieces[view->piece_count++] = {begin, static_cast<size_t>(end - begin)};
}

DecodeError DecodePublish(std::string_view body, PublishView* view) {
  view->headers = PairRange(body, Publish::kHeadersFieldNumber);
  const char* piece_start = body.data();
  const DecodeError error = ReadFields(body, kPublishRules, [&](FieldReader& in) {
    switch (in.number()) {
      case Publish::kTopicFieldNumber:
        return in.ReadString(&view->topic);
      case Publish::kPayloadFieldNumber:
        return in.ReadBytes(&view->payload);
      case Publish::kHeadersFieldNumber:
        return ReadHeader(in, view);
      case Publish::kReplyToFieldNumber:
        return in.ReadString(&view->reply_to);
      case Publish::kKeyFieldNumber:
        return in.ReadBytes(&view->key);
      case Publish::kTtlMsFieldNumber:
        return in.ReadUint32(&view->ttl_ms);
      default: {
        const DecodeError field_error = ReadOwnField(in, view);
        AddPiece(piece_start, in.field_start(), view);
        piece_start = in.pos();
        return field_error;
      }
    }
  });
  AddPiece(piece_start, body.data() + body.size(), view);
  return error;
}

constexpr FieldRules kWillRules = {
    .known = {Will::kMessageFieldNumber, Will::kDelayMsFieldNumber}, .repeated = {}, .stamps = {}};

DecodeError ReadWill(FieldReader& in, std::optional<WillView>* will) {
  std::string_view bytes;
  if (const DecodeError error = in.ReadBytes(&bytes); error != DecodeError::kOk) return error;
  WillView& view = will->emplace();
  return ReadFields(bytes, kWillRules, [&view](FieldReader& field) {
    if (field.number() == Will::kDelayMsFieldNumber) return field.ReadUint32(&view.delay_ms);
    std::string_view message;
    const DecodeError error = field.ReadBytes(&message);
    return error == DecodeError::kOk ? DecodePublish(message, &view.message) : error;
  });
}

constexpr FieldRules kConnectRules = {
    .known = {Connect::kProtocolVersionFieldNumber, Connect::kClientIdFieldNumber,
              Connect::kTokenFieldNumber, Connect::kUserFieldNumber, Connect::kPasswordFieldNumber,
              Connect::kNameFieldNumber, Connect::kMetadataFieldNumber,
              Connect::kKeepAliveMsFieldNumber, Connect::kResumeFieldNumber,
              Connect::kWillFieldNumber},
    .repeated = {Connect::kMetadataFieldNumber},
    .stamps = {}};

DecodeError DecodeConnect(std::string_view body, ConnectView* view) {
  view->metadata = PairRange(body, Connect::kMetadataFieldNumber);
  return ReadFields(body, kConnectRules, [view](FieldReader& in) {
    switch (in.number()) {
      case Connect::kProtocolVersionFieldNumber:
        return in.ReadUint32(&view->protocol_version);
      case Connect::kClientIdFieldNumber:
        return in.ReadString(&view->client_id);
      case Connect::kTokenFieldNumber:
        return in.ReadString(&view->token);
      case Connect::kUserFieldNumber:
        return in.ReadString(&view->user);
      case Connect::kPasswordFieldNumber:
        return in.ReadString(&view->password);
      case Connect::kNameFieldNumber:
        return in.ReadString(&view->name);
      case Connect::kKeepAliveMsFieldNumber:
        return in.ReadUint32(&view->keep_alive_ms);
      case Connect::kResumeFieldNumber:
        return in.ReadBytes(&view->resume);
      case Connect::kWillFieldNumber:
        return ReadWill(in, &view->will);
      default: {
        Pair entry;
        const DecodeError error = CheckPair(in, &entry);
        ++view->metadata_count;
        view->metadata_bytes += entry.first.size() + entry.second.size();
        return error;
      }
    }
  });
}

constexpr FieldRules kSubscribeRules = {
    .known = {Subscribe::kIdFieldNumber, Subscribe::kFilterFieldNumber,
              Subscribe::kGroupFieldNumber, Subscribe::kOverflowFieldNumber,
              Subscribe::kMaxBacklogMessagesFieldNumber, Subscribe::kMaxBacklogBytesFieldNumber,
              Subscribe::kMaxBacklogAgeMsFieldNumber, Subscribe::kStartFieldNumber,
              Subscribe::kStartAtFieldNumber, Subscribe::kStartEpochFieldNumber,
              Subscribe::kSkipLastValuesFieldNumber, Subscribe::kGroupStrategyFieldNumber},
    .repeated = {},
    .stamps = {}};

DecodeError DecodeSubscribe(std::string_view body, SubscribeView* view) {
  return ReadFields(body, kSubscribeRules, [view](FieldReader& in) {
    switch (in.number()) {
      case Subscribe::kIdFieldNumber:
        return in.ReadUint64(&view->id);
      case Subscribe::kFilterFieldNumber:
        return in.ReadString(&view->filter);
      case Subscribe::kGroupFieldNumber:
        return in.ReadString(&view->group);
      case Subscribe::kOverflowFieldNumber:
        return in.ReadUint32(&view->overflow, INT32_MAX);
      case Subscribe::kMaxBacklogMessagesFieldNumber:
        return in.ReadUint32(&view->max_backlog_messages);
      case Subscribe::kMaxBacklogBytesFieldNumber:
        return in.ReadUint64(&view->max_backlog_bytes);
      case Subscribe::kMaxBacklogAgeMsFieldNumber:
        return in.ReadUint32(&view->max_backlog_age_ms);
      case Subscribe::kStartFieldNumber:
        return in.ReadUint32(&view->start, INT32_MAX);
      case Subscribe::kStartAtFieldNumber:
        return in.ReadUint64(&view->start_at);
      case Subscribe::kStartEpochFieldNumber:
        return in.ReadUint64(&view->start_epoch);
      case Subscribe::kSkipLastValuesFieldNumber:
        return in.ReadBool(&view->skip_last_values);
      default:
        return in.ReadUint32(&view->group_strategy, INT32_MAX);
    }
  });
}

constexpr FieldRules kUnsubscribeRules = {
    .known = {Unsubscribe::kIdFieldNumber, Unsubscribe::kFilterFieldNumber,
              Unsubscribe::kGroupFieldNumber},
    .repeated = {},
    .stamps = {}};

DecodeError DecodeUnsubscribe(std::string_view body, UnsubscribeView* view) {
  return ReadFields(body, kUnsubscribeRules, [view](FieldReader& in) {
    switch (in.number()) {
      case Unsubscribe::kIdFieldNumber:
        return in.ReadUint64(&view->id);
      case Unsubscribe::kFilterFieldNumber:
        return in.ReadString(&view->filter);
      default:
        return in.ReadString(&view->group);
    }
  });
}

DecodeError DecodePing(std::string_view body, PingView* view) {
  return ReadFields(body, {.known = {Ping::kIdFieldNumber}, .repeated = {}, .stamps = {}},
                    [view](FieldReader& in) { return in.ReadUint64(&view->id); });
}

DecodeError DecodeDisconnect(std::string_view body, DisconnectView* view) {
  return ReadFields(body, {.known = {Disconnect::kReasonFieldNumber}, .repeated = {}, .stamps = {}},
                    [view](FieldReader& in) { return in.ReadString(&view->reason); });
}

constexpr FieldRules kRefreshRules = {
    .known = {Refresh::kIdFieldNumber, Refresh::kTokenFieldNumber}, .repeated = {}, .stamps = {}};

DecodeError DecodeRefresh(std::string_view body, RefreshView* view) {
  return ReadFields(body, kRefreshRules, [view](FieldReader& in) {
    return in.number() == Refresh::kIdFieldNumber ? in.ReadUint64(&view->id)
                                                  : in.ReadString(&view->token);
  });
}

bool IsKind(uint32_t number) {
  return number >= ClientFrame::kConnectFieldNumber && number <= ClientFrame::kRefreshFieldNumber;
}
static_assert(ClientFrame::kConnectFieldNumber == 1 && ClientFrame::kRefreshFieldNumber == 7);

// Takes the frame apart: its one kind and that message's bytes.
DecodeError ReadKind(std::string_view body, uint32_t* kind, std::string_view* message) {
  FieldReader in(body);
  if (in.done()) return DecodeError::kEmptyFrame;
  if (const DecodeError error = in.ReadTag(); error != DecodeError::kOk) return error;
  *kind = in.number();
  if (!IsKind(*kind)) return DecodeError::kUnknownKind;
  if (const DecodeError error = in.ReadBytes(message); error != DecodeError::kOk) return error;
  if (in.done()) return DecodeError::kOk;
  if (const DecodeError error = in.ReadTag(); error != DecodeError::kOk) return error;
  return IsKind(in.number()) ? DecodeError::kTwoKinds : DecodeError::kUnknownKind;
}

}  // namespace

DecodeError DecodeClientFrame(std::string_view body, ClientFrameView* view) {
  uint32_t kind = 0;
  std::string_view message;
  if (const DecodeError error = ReadKind(body, &kind, &message); error != DecodeError::kOk) {
    return error;
  }
  auto& command = view->command;
  switch (kind) {
    case ClientFrame::kConnectFieldNumber:
      return DecodeConnect(message, &command.emplace<ConnectView>());
    case ClientFrame::kSubscribeFieldNumber:
      return DecodeSubscribe(message, &command.emplace<SubscribeView>());
    case ClientFrame::kUnsubscribeFieldNumber:
      return DecodeUnsubscribe(message, &command.emplace<UnsubscribeView>());
    case ClientFrame::kPublishFieldNumber:
      return DecodePublish(message, &command.emplace<PublishView>());
    case ClientFrame::kPingFieldNumber:
      return DecodePing(message, &command.emplace<PingView>());
    case ClientFrame::kDisconnectFieldNumber:
      return DecodeDisconnect(message, &command.emplace<DisconnectView>());
    default:
      return DecodeRefresh(message, &command.emplace<RefreshView>());
  }
}

}  // namespace esockets::proto
