// Why a frame was refused. Names are part of the conformance vectors: tests/conformance/vectors.
#ifndef PROTO_DECODE_ERROR_H_
#define PROTO_DECODE_ERROR_H_

#include <string_view>

namespace esockets::proto {

enum class DecodeError {
  kOk,
  // No kind in the frame.
  kEmptyFrame,
  // More than one kind in the frame, or one kind twice.
  kTwoKinds,
  // A field of ClientFrame that is no kind.
  kUnknownKind,
  // The bytes end within a field.
  kTruncated,
  // A varint of more than 10 bytes or 64 bits; as a length, of more than 5 bytes.
  kBadVarint,
  // Field number 0, a wire type that does not exist, or a tag longer than necessary.
  kBadTag,
  // Wire types 3 and 4: protobuf gave groups up long ago.
  kGroup,
  // A field that the message does not have.
  kUnknownField,
  // Fields 16 to 23 of Publish: only the broker stamps messages.
  kStampField,
  // A known field in another wire type.
  kWrongWireType,
  // A singular field that comes twice.
  kRepeatedField,
  // A number that its field cannot hold: above 2^32 - 1, in an enum above 2^31 - 1.
  kNumberTooLarge,
  // A string that is not UTF-8.
  kInvalidUtf8,
};

// "UNKNOWN_FIELD"
std::string_view DecodeErrorName(DecodeError error);

// "a field that the message does not have": for Close.detail and the log.
std::string_view DecodeErrorText(DecodeError error);

}  // namespace esockets::proto

#endif  // PROTO_DECODE_ERROR_H_
