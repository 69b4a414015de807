#include "app/plan_classes.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/plan_limits.h"
#include "app/plan_selector.h"
#include "base/strings.h"
#include "base/utf8.h"
#include "broker/client_classes.h"
#include "broker/client_limits.h"
#include "google/protobuf/descriptor.h"

namespace esockets::app {
namespace {

// A limit of the whole broker, or of a listener, would seem to hold for a class, and do not.
absl::Status CheckOfClass(const Limits& limits, const std::string& path, const Places& places) {
  std::vector<const google::protobuf::FieldDescriptor*> given;
  limits.GetReflection()->ListFields(limits, &given);
  for (const auto* field : given) {
    const bool is_clients =
        std::ranges::find(broker::kClientLimits, field->name(), &broker::ClientLimit::name) !=
        std::end(broker::kClientLimits);
    if (is_clients || field->name() == "clients_max") continue;  // the class's own
    return places.Mistake(base::StrCat(path, ".", field->name()),
                          "is not that of a client: set it in limits, for all");
  }
  return absl::OkStatus();
}

absl::Status PlanClassListeners(const ClientClass& config, const std::string& path,
                                const Places& places, const std::vector<std::string>& listen,
                                std::vector<size_t>* listeners) {
  for (int i = 0; i < config.listeners_size(); ++i) {
    const auto found = std::ranges::find(listen, config.listeners(i));
    if (found == listen.end()) {
      return places.Mistake(base::StrCat(path, ".listeners[", i, "]"),
                            "is no address of listen or listener");
    }
    listeners->push_back(static_cast<size_t>(found - listen.begin()));
  }
  return absl::OkStatus();
}

absl::Status PlanClass(const ClientClass& config, const std::string& path, const Places& places,
                       const Plan& plan, broker::ClientClass* planned) {
  if (config.name().empty()) return places.Mistake(path, "has no name");
  if (!base::IsValidUtf8(config.name())) return places.Mistake(path + ".name", "is no valid UTF-8");
  planned->name = config.name();
  planned->clients_max = config.limits().clients_max();
  planned->limits = plan.broker.settings.limits;
  planned->kept = {.stream_messages_max = config.stream_messages_max(),
                   .stream_bytes_max = config.stream_bytes_max(),
                   .last_value_topics_max = config.last_value_topics_max(),
                   .last_value_bytes_max = config.last_value_bytes_max()};
  const std::string limits = path + ".limits";
  absl::Status status = PlanSelector(config, path, places, &planned->who);
  if (status.ok()) status = CheckOfClass(config.limits(), limits, places);
  if (status.ok()) {
    status =
        PlanClassListeners(config, path, places, plan.broker.server.listen, &planned->listeners);
  }
  if (!status.ok()) return status;
  return PlanClientLimits(config.limits(), limits, places, &planned->limits);
}

}  // namespace

absl::Status PlanClasses(const Config& config, const Places& places, Plan* plan) {
  if (static_cast<size_t>(config.client_class_size()) > broker::kClientClassesMax) {
    return places.Mistake("client_class",
                          base::StrCat("at most ", broker::kClientClassesMax, " of them"));
  }
  std::vector<broker::ClientClass> classes;
  std::set<std::string_view> names;
  for (int i = 0; i < config.client_class_size(); ++i) {
    const std::string path = base::StrCat("client_class[", i, "]");
    absl::Status status =
        PlanClass(config.client_class(i), path, places, *plan, &classes.emplace_back());
    if (!status.ok()) return status;
    if (!names.insert(config.client_class(i).name()).second) {
      return places.Mistake(path + ".name", "is another class's already");
    }
  }
  plan->broker.settings.classes = broker::ClientClasses(std::move(classes));
  return absl::OkStatus();
}

}  // namespace esockets::app
