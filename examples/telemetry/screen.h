// The fleet as text.
#ifndef EXAMPLES_TELEMETRY_SCREEN_H_
#define EXAMPLES_TELEMETRY_SCREEN_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "examples/telemetry/fleet.h"

namespace esockets::telemetry {

// A table with bars and colours, 100 columns wide, each line ended by "\033[K\n". Hosts that have
// been silent for a while are dim.
std::string Table(const Fleet& fleet, std::string_view title, uint64_t lost_messages,
                  base::TimePoint now);

// One line per complete host: name and figures in the order of the table, without colours.
std::string Lines(const Fleet& fleet);

// "0 B", "17 kB", "1.2 MB", in powers of 1000; at most 6 characters.
std::string Bytes(double bytes);
// `percent` of `width` characters, in eighths.
std::string Bar(double percent, int width);

}  // namespace esockets::telemetry

#endif  // EXAMPLES_TELEMETRY_SCREEN_H_
