#include "tests/fuzz/client_frame_oracle.h"

#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor.pb.h"
#include "google/protobuf/dynamic_message.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/stubs/logging.h"
#include "google/protobuf/unknown_field_set.h"
#include "google/protobuf/wire_format_lite.h"

namespace esockets::proto {
namespace {

namespace pb = google::protobuf;
using pb::internal::WireFormatLite;

// The grammar with maps as what they are on the wire: repeated entries. protobuf forgets what it
// did not know in a map entry, but not in a message.
void TurnMapsIntoMessages(pb::DescriptorProto* message) {
  for (auto& nested : *message->mutable_nested_type()) nested.clear_options();
}

// Everything repeated, so that nothing that came twice is lost, and numbers as wide as the wire has
// them.
void KeepAll(pb::DescriptorProto* message) {
  message->clear_oneof_decl();
  for (auto& nested : *message->mutable_nested_type()) KeepAll(&nested);
  for (auto& field : *message->mutable_field()) {
    field.clear_oneof_index();
    field.set_label(pb::FieldDescriptorProto::LABEL_REPEATED);
    const bool number = field.type() == pb::FieldDescriptorProto::TYPE_UINT32 ||
                        field.type() == pb::FieldDescriptorProto::TYPE_ENUM;
    if (!number) continue;
    field.set_type(pb::FieldDescriptorProto::TYPE_UINT64);
    field.clear_type_name();
  }
}

// A variant of proto/esockets.proto, and messages of it.
class Variant {
 public:
  explicit Variant(bool keep_all) {
    pb::FileDescriptorProto file;
    ClientFrame::descriptor()->file()->CopyTo(&file);
    for (auto& message : *file.mutable_message_type()) {
      TurnMapsIntoMessages(&message);
      if (keep_all) KeepAll(&message);
    }
    const pb::FileDescriptor* built = pool_.BuildFile(file);
    if (built == nullptr) std::abort();
    client_frame_ = built->FindMessageTypeByName("ClientFrame");
  }

  // Null when the bytes do not parse.
  std::unique_ptr<pb::Message> Parse(std::string_view body) {
    std::unique_ptr<pb::Message> message(factory_.GetPrototype(client_frame_)->New());
    if (!message->ParseFromArray(body.data(), static_cast<int>(body.size()))) return nullptr;
    return message;
  }

 private:
  pb::DescriptorPool pool_;
  pb::DynamicMessageFactory factory_{&pool_};
  const pb::Descriptor* client_frame_;
};

std::vector<const pb::FieldDescriptor*> FieldsOf(const pb::Message& message) {
  std::vector<const pb::FieldDescriptor*> fields;
  message.GetReflection()->ListFields(message, &fields);
  return fields;
}

// Groups, other wire types and fields that do not exist.
bool HasUnknown(const pb::Message& message) {
  const pb::Reflection& reflection = *message.GetReflection();
  if (!reflection.GetUnknownFields(message).empty()) return true;
  for (const pb::FieldDescriptor* field : FieldsOf(message)) {
    if (field->cpp_type() != pb::FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (!field->is_repeated()) {
      if (HasUnknown(reflection.GetMessage(message, field))) return true;
      continue;
    }
    for (int i = 0; i < reflection.FieldSize(message, field); ++i) {
      if (HasUnknown(reflection.GetRepeatedMessage(message, field, i))) return true;
    }
  }
  return false;
}

uint64_t Largest(const pb::FieldDescriptor& original) {
  switch (original.type()) {
    case pb::FieldDescriptor::TYPE_UINT32:
      return UINT32_MAX;
    case pb::FieldDescriptor::TYPE_ENUM:
      return INT32_MAX;
    default:
      return UINT64_MAX;
  }
}

// `all` is a message of the variant that keeps all, `original` the type it varies.
bool HasTwiceOrTooLarge(const pb::Message& all, const pb::Descriptor& original) {
  const pb::Reflection& reflection = *all.GetReflection();
  for (const pb::FieldDescriptor* field : FieldsOf(all)) {
    const pb::FieldDescriptor& meant = *original.FindFieldByNumber(field->number());
    const int count = reflection.FieldSize(all, field);
    if (count > 1 && !meant.is_repeated()) return true;
    for (int i = 0; i < count; ++i) {
      if (field->cpp_type() == pb::FieldDescriptor::CPPTYPE_UINT64 &&
          reflection.GetRepeatedUInt64(all, field, i) > Largest(meant)) {
        return true;
      }
      if (field->cpp_type() == pb::FieldDescriptor::CPPTYPE_MESSAGE &&
          HasTwiceOrTooLarge(reflection.GetRepeatedMessage(all, field, i), *meant.message_type())) {
        return true;
      }
    }
  }
  return false;
}

int Kinds(const pb::Message& all) {
  int kinds = 0;
  for (const pb::FieldDescriptor* field : FieldsOf(all)) {
    kinds += all.GetReflection()->FieldSize(all, field);
  }
  return kinds;
}

// Tags longer than necessary, and numbers of more than 64 bits: protobuf reads both.
bool HasOddVarint(std::string_view body, const pb::Descriptor& type) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(body.data());
  pb::io::CodedInputStream in(bytes, static_cast<int>(body.size()));
  while (in.CurrentPosition() < static_cast<int>(body.size())) {
    const int tag_start = in.CurrentPosition();
    const uint32_t tag = in.ReadTag();
    const auto tag_size = static_cast<size_t>(in.CurrentPosition() - tag_start);
    if (tag_size != pb::io::CodedOutputStream::VarintSize32(tag)) return true;
    if (WireFormatLite::GetTagWireType(tag) == WireFormatLite::WIRETYPE_VARINT) {
      const int start = in.CurrentPosition();
      uint64_t value = 0;
      if (!in.ReadVarint64(&value)) return true;
      if (in.CurrentPosition() - start == 10 && bytes[in.CurrentPosition() - 1] > 1) return true;
      continue;
    }
    std::string value;
    int size = 0;
    if (!in.ReadVarintSizeAsInt(&size) || !in.ReadString(&value, size)) return true;
    const auto* field = type.FindFieldByNumber(WireFormatLite::GetTagFieldNumber(tag));
    if (field->type() == pb::FieldDescriptor::TYPE_MESSAGE &&
        HasOddVarint(value, *field->message_type())) {
      return true;
    }
  }
  return false;
}

}  // namespace

bool OracleAccepts(std::string_view body, ClientFrame* frame) {
  static Variant& flat = *new Variant(false);
  static Variant& all = *new Variant(true);
  const pb::LogSilencer silence;  // of each string that is not UTF-8 it would say so
  if (!frame->ParseFromArray(body.data(), static_cast<int>(body.size()))) return false;
  const auto flat_message = flat.Parse(body);
  if (flat_message == nullptr || HasUnknown(*flat_message)) return false;
  const auto all_message = all.Parse(body);
  if (all_message == nullptr || Kinds(*all_message) != 1) return false;
  if (HasTwiceOrTooLarge(*all_message, *ClientFrame::descriptor())) return false;
  return !HasOddVarint(body, *ClientFrame::descriptor());
}

}  // namespace esockets::proto
