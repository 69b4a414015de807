#include "app/plan_admission.h"

#include <cstddef>

namespace esockets::app {

absl::Status PlanAdmission(const Config& config, const Places&, Plan* plan) {
  const Limits& limits = config.limits();
  const server::ListenerQuota of_all{
      .connections_per_address_max = limits.connections_per_address_max(),
      .connects_per_second_per_address_max = limits.connects_per_second_per_address_max()};
  server::AdmissionSettings& admission = plan->broker.admission;
  admission.connects_per_second_max = limits.connects_per_second_max();
  const size_t listeners = plan->broker.server.listen.size();
  const size_t first = listeners - static_cast<size_t>(config.listener_size());
  admission.of_listeners.assign(listeners, of_all);
  for (size_t i = first; i < listeners; ++i) {
    const Listener& listener = config.listener(static_cast<int>(i - first));
    server::ListenerQuota& quota = admission.of_listeners[i];
    quota.connections_max = listener.connections_max();
    quota.connects_per_second_max = listener.connects_per_second_max();
    if (listener.has_connections_per_address_max()) {
      quota.connections_per_address_max = listener.connections_per_address_max();
    }
    if (listener.has_connects_per_second_per_address_max()) {
      quota.connects_per_second_per_address_max = listener.connects_per_second_per_address_max();
    }
  }
  return absl::OkStatus();
}

}  // namespace esockets::app
