// The target of a request: a path, and a query whose parameters are the fields of a message.
#ifndef GATEWAYS_HTTP_QUERY_H_
#define GATEWAYS_HTTP_QUERY_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "google/protobuf/message.h"

namespace esockets::http {

using Parameters = std::vector<std::pair<std::string, std::string>>;  // decoded

struct Target {
  std::string path;  // as it came: what is escaped is no path of ours
  Parameters parameters;
};

// Nothing: it does not begin with "/", or an escape is none.
std::optional<Target> ParseTarget(std::string_view target);

// Sets a field for each parameter. Errors: kInvalidArgument: there is no such field, it stands
// there twice, or the value is none of its type. REQUIRES: the message is empty, and of numbers,
// texts and booleans.
absl::Status FillMessage(const Parameters& parameters, google::protobuf::Message* message);

}  // namespace esockets::http

#endif  // GATEWAYS_HTTP_QUERY_H_
