// Walks the fields of one encoded message in place:
//   FieldReader in(bytes);
//   while (!in.done()) {
//     if (auto e = in.ReadTag(); e != DecodeError::kOk) return e;
//     ... one of the Read functions or Skip, by in.number()
//   }
// https://protobuf.dev/programming-guides/encoding/
#ifndef PROTO_FIELD_READER_H_
#define PROTO_FIELD_READER_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/utf8.h"
#include "proto/decode_error.h"
#include "proto/varint.h"

namespace esockets::proto {

enum class WireType : uint8_t {
  kVarint = 0,
  kFixed64 = 1,
  kBytes = 2,
  kGroupStart = 3,
  kGroupEnd = 4,
  kFixed32 = 5,
};

// The encoded tag of a field. Fields 1 to 15 have one byte.
constexpr uint32_t Tag(int number, WireType type) {
  return static_cast<uint32_t>(number) << 3 | static_cast<uint32_t>(type);
}

class FieldReader {
 public:
  explicit FieldReader(std::string_view bytes)
      : field_start_(bytes.data()), pos_(bytes.data()), end_(bytes.data() + bytes.size()) {}

  bool done() const { return pos_ == end_; }

  // Of the last tag read.
  uint32_t number() const { return tag_ >> 3; }
  WireType wire_type() const { return static_cast<WireType>(tag_ & 7); }

  // Where the last tag begins, and where its field ends once it was read.
  const char* field_start() const { return field_start_; }
  const char* pos() const { return pos_; }

  // Groups are refused here. REQUIRES: !done()
  DecodeError ReadTag() {
    field_start_ = pos_;
    const auto first = static_cast<uint8_t>(*pos_);
    if (first < 0x80) {
      tag_ = first;
      ++pos_;
    } else if (const DecodeError error = ReadLongTag(); error != DecodeError::kOk) {
      return error;
    }
    if (number() == 0 || (tag_ & 7) > 5) return DecodeError::kBadTag;
    const bool group = wire_type() == WireType::kGroupStart || wire_type() == WireType::kGroupEnd;
    return group ? DecodeError::kGroup : DecodeError::kOk;
  }

  // The value of the field whose tag was read; kWrongWireType when the tag says another type.
  DecodeError ReadBytes(std::string_view* value) {
    if (wire_type() != WireType::kBytes) return DecodeError::kWrongWireType;
    uint64_t size = 0;
    if (const DecodeError error = ReadNumber(&size, kVarint32BytesMax); error != DecodeError::kOk) {
      return error;
    }
    if (size > static_cast<uint64_t>(end_ - pos_)) return DecodeError::kTruncated;
    *value = {pos_, static_cast<size_t>(size)};
    pos_ += size;
    return DecodeError::kOk;
  }

  DecodeError ReadString(std::string_view* value) {
    const DecodeError error = ReadBytes(value);
    if (error == DecodeError::kOk && !base::IsValidUtf8(*value)) return DecodeError::kInvalidUtf8;
    return error;
  }

  DecodeError ReadUint64(uint64_t* value) {
    if (wire_type() != WireType::kVarint) return DecodeError::kWrongWireType;
    return ReadNumber(value);
  }

  // protobuf cuts larger numbers to 32 bits; they are refused here, as no sender means that.
  DecodeError ReadUint32(uint32_t* value, uint32_t max = UINT32_MAX) {
    uint64_t wide = 0;
    if (const DecodeError error = ReadUint64(&wide); error != DecodeError::kOk) return error;
    if (wide > max) return DecodeError::kNumberTooLarge;
    *value = static_cast<uint32_t>(wide);
    return DecodeError::kOk;
  }

  DecodeError ReadBool(bool* value) {
    uint64_t number = 0;
    const DecodeError error = ReadUint64(&number);
    *value = number != 0;
    return error;
  }

  // Reads over the field whose tag was read.
  DecodeError Skip() {
    uint64_t number = 0;
    std::string_view bytes;
    switch (wire_type()) {
      case WireType::kVarint:
        return ReadNumber(&number);
      case WireType::kBytes:
        return ReadBytes(&bytes);
      case WireType::kFixed64:
        return SkipBytes(8);
      case WireType::kFixed32:
        return SkipBytes(4);
      case WireType::kGroupStart:
      case WireType::kGroupEnd:
        break;
    }
    return DecodeError::kGroup;
  }

 private:
  DecodeError ReadLongTag() {
    uint64_t tag = 0;
    if (const DecodeError error = ReadNumber(&tag); error != DecodeError::kOk) return error;
    const auto size = static_cast<size_t>(pos_ - field_start_);
    if (tag > UINT32_MAX || size != VarintSize(tag)) return DecodeError::kBadTag;
    tag_ = static_cast<uint32_t>(tag);
    return DecodeError::kOk;
  }

  DecodeError ReadNumber(uint64_t* value, size_t bytes_max = kVarint64BytesMax) {
    switch (ReadVarint(&pos_, end_, value, bytes_max)) {
      case VarintResult::kOk:
        return DecodeError::kOk;
      case VarintResult::kTruncated:
        return DecodeError::kTruncated;
      case VarintResult::kMalformed:
        break;
    }
    return DecodeError::kBadVarint;
  }

  DecodeError SkipBytes(size_t size) {
    if (size > static_cast<size_t>(end_ - pos_)) return DecodeError::kTruncated;
    pos_ += size;
    return DecodeError::kOk;
  }

  const char* field_start_;
  const char* pos_;
  const char* const end_;
  uint32_t tag_ = 0;
};

}  // namespace esockets::proto

#endif  // PROTO_FIELD_READER_H_
