// The broker's /metrics, read at once: for when nothing else is going on.
#ifndef TESTS_SOAK_METRICS_PAGE_H_
#define TESTS_SOAK_METRICS_PAGE_H_

#include <map>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "server/socket_address.h"

namespace esockets::soak {

// By name, without "esockets_" in front, each the sum over all labels.
using Figures = std::map<std::string, double, std::less<>>;

Figures ParseMetrics(std::string_view page);

// Errors: kUnavailable.
absl::StatusOr<Figures> ReadMetrics(const server::SocketAddress& administration,
                                    std::string_view token);

}  // namespace esockets::soak

#endif  // TESTS_SOAK_METRICS_PAGE_H_
