#include "bench/load/result.h"

#include <cstdio>

#include "base/strings.h"
#include "nlohmann/json.hpp"

namespace esockets::load {
namespace {

std::string FigureText(double value) {
  char text[40];
  const int digits = value >= 1000 ? 0 : value >= 1 ? 2 : 5;
  std::snprintf(text, sizeof text, "%18.*f", digits, value);
  return text;
}

}  // namespace

std::string ToJson(std::string_view scenario, std::string_view protocol, const Result& result) {
  nlohmann::ordered_json json;
  json["scenario"] = scenario;
  json["protocol"] = protocol;
  for (const auto& [name, value] : result.figures) json[name] = value;
  json["bottleneck"] = result.bottleneck;
  json["lost"] = result.faults.lost;
  json["reordered"] = result.faults.reordered;
  json["broken"] = result.faults.broken;
  json["dropped"] = result.faults.dropped;
  json["valid"] = result.invalid.empty();
  if (!result.invalid.empty()) json["invalid"] = result.invalid;
  return json.dump();
}

std::string ToText(const Result& result) {
  std::string text;
  for (const auto& [name, value] : result.figures) {
    base::StrAppend(&text, FigureText(value), "  ", name, "\n");
  }
  const Faults& faults = result.faults;
  base::StrAppend(&text, "lost ", faults.lost, ", reordered ", faults.reordered,
                  ", not understood ", faults.broken, ", dropped and said so ", faults.dropped,
                  "\n");
  if (result.bottleneck == "generator") {
    base::StrAppend(&text, "the load generator was the bottleneck: the broker can do more\n");
  }
  if (!result.invalid.empty()) base::StrAppend(&text, "INVALID: ", result.invalid, "\n");
  return text;
}

}  // namespace esockets::load
