// The process around the broker.
#ifndef BROKER_HOST_H_
#define BROKER_HOST_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/work_pool.h"

namespace esockets::broker {

// One number of $SYS/metrics; names and labels as of broker/metrics.
using AddFigure =
    std::function<void(std::string_view name, std::string_view label, uint64_t value)>;

// One limit of $SYS/limits that the broker does not know itself; as in proto/admin.proto.
struct HostLimit {
  std::string scope;
  std::string_view name;
  uint64_t max = 0;
  std::optional<uint64_t> used{};
  std::optional<uint64_t> reached_total{};
};
using AddLimit = std::function<void(const HostLimit& limit)>;

// What administration needs to know of, and may ask of, the process around the broker.
struct Host {
  std::string server = "ESocketS";  // name and version
  std::function<std::vector<std::string>()> listeners = [] { return std::vector<std::string>(); };
  std::function<void()> request_drain = [] {};
  std::function<uint64_t()> arena_bytes = [] { return uint64_t{0}; };
  // Adds this loop's part of figures that the broker does not know; the same ones on every loop.
  std::function<void(const AddFigure& add)> figures = [](const AddFigure&) {};
  // The same ones on every loop.
  std::function<void(const AddLimit& add)> limits = [](const AddLimit&) {};
  base::WorkPool* pool = nullptr;  // for what takes too long for a loop; null: there is none
};

}  // namespace esockets::broker

#endif  // BROKER_HOST_H_
