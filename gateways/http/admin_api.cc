#include "gateways/http/admin_api.h"

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "base/strings.h"
#include "broker/admin_view.h"
#include "gateways/http/refusal.h"
#include "google/protobuf/message.h"
#include "google/protobuf/util/json_util.h"
#include "nlohmann/json.hpp"
#include "proto/admin.pb.h"
#include "proto/message_json.h"
#include "server/http/percent_encoding.h"
#include "server/http/text.h"

namespace esockets::http {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::Message;
using nlohmann::ordered_json;

// The others only look.
constexpr auto kChanging = std::to_array<std::string_view>({"recv", "kick", "drain"});

std::unique_ptr<Message> Make(const Descriptor* type) {
  auto* const factory = google::protobuf::MessageFactory::generated_factory();
  return std::unique_ptr<Message>(factory->GetPrototype(type)->New());
}

// A topic's messages are named after it: "$SYS/clients", ClientsRequest, Clients.
std::vector<ApiCall> FindCalls() {
  constexpr std::string_view kSuffix = "Request";
  std::vector<ApiCall> calls;
  const auto& file = *admin::InfoRequest::descriptor()->file();
  for (int i = 0; i < file.message_type_count(); ++i) {
    const Descriptor* request = file.message_type(i);
    const std::string_view type = request->name();
    if (!type.ends_with(kSuffix)) continue;
    const std::string_view reply = type.substr(0, type.size() - kSuffix.size());
    const std::string name = ToLower(reply);
    const std::string topic = base::StrCat("$SYS/", name);
    if (!broker::AdminView::Knows(topic)) continue;
    calls.push_back({.name = name,
                     .topic = topic,
                     .changes = std::ranges::find(kChanging, name) != kChanging.end(),
                     .request = request,
                     .reply = file.FindMessageTypeByName(std::string(reply))});
  }
  return calls;
}

}  // namespace

const std::vector<ApiCall>& ApiCalls() {
  static const std::vector<ApiCall> calls = FindCalls();
  return calls;
}

const ApiCall* FindApiCall(std::string_view name) {
  const auto found = std::ranges::find(ApiCalls(), name, &ApiCall::name);
  return found == ApiCalls().end() ? nullptr : &*found;
}

ApiPath ParseApiPath(std::string_view path) {
  const size_t slash = path.find('/');
  const ApiCall* call = FindApiCall(path.substr(0, slash));
  if (call == nullptr || slash == std::string_view::npos) return {.call = call};
  const std::optional<std::string> name = DecodePercent(path.substr(slash + 1));
  const bool has_name = call->request->FindFieldByName("name") != nullptr;
  if (!has_name || !name || name->empty()) return {};
  return {.call = call, .parameters = {{"name", *name}}};
}

absl::StatusOr<std::string> ApiPayload(const ApiCall& call, const Parameters& parameters,
                                       const std::string& body) {
  const std::unique_ptr<Message> request = Make(call.request);
  if (!call.changes) {
    if (absl::Status status = FillMessage(parameters, request.get()); !status.ok()) return status;
    return request->SerializeAsString();
  }
  if (!parameters.empty()) {
    return base::Error(absl::StatusCode::kInvalidArgument,
                       "the fields go into the body, as JSON, not into the address");
  }
  if (body.empty()) return request->SerializeAsString();
  const auto parsed = google::protobuf::util::JsonStringToMessage(body, request.get());
  if (!parsed.ok()) {
    return base::Error(absl::StatusCode::kInvalidArgument, parsed.message().as_string());
  }
  return request->SerializeAsString();
}

Response ApiAnswer(const ApiCall& call, const broker::AdminReply& reply) {
  if (reply.refused) return Refusal(reply.code, reply.content);
  const std::unique_ptr<Message> message = Make(call.reply);
  if (!message->ParseFromString(reply.content)) {
    return Refusal(Status::kInternal, base::StrCat("this is no ", call.reply->full_name()));
  }
  return Json(proto::ToJson(*message));
}

Response ApiIndex() {
  ordered_json calls = ordered_json::array();
  for (const ApiCall& call : ApiCalls()) {
    ordered_json fields = ordered_json::object();
    for (int i = 0; i < call.request->field_count(); ++i) {
      fields[call.request->field(i)->name()] = call.request->field(i)->type_name();
    }
    calls.push_back({{"method", call.changes ? "POST" : "GET"},
                     {"path", base::StrCat(kApiPath, call.name)},
                     {"fields", fields}});
  }
  return Json({{"requests", calls}});
}

}  // namespace esockets::http
