// What a run has found out.
#ifndef BENCH_LOAD_RESULT_H_
#define BENCH_LOAD_RESULT_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/load/stream_check.h"

namespace esockets::load {

struct Result {
  // In the order in which they are printed; the unit is the end of the name.
  std::vector<std::pair<std::string, double>> figures;
  // "server", "generator" or "neither": who had no CPU time left.
  std::string bottleneck;
  Faults faults;
  // Filled when the figures mean nothing, says why.
  std::string invalid;

  void Add(std::string_view name, double value) { figures.emplace_back(name, value); }
};

// One line of JSON.
std::string ToJson(std::string_view scenario, std::string_view protocol, const Result& result);

// Lines for people.
std::string ToText(const Result& result);

}  // namespace esockets::load

#endif  // BENCH_LOAD_RESULT_H_
