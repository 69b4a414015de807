// The screen of `esockets top`, from two looks at the broker.
#ifndef CLIENTS_CLI_TOP_VIEW_H_
#define CLIENTS_CLI_TOP_VIEW_H_

#include <cstddef>
#include <string>

#include "proto/admin.pb.h"

namespace esockets::cli {

struct Look {
  admin::Info info;
  admin::Metrics metrics;
  admin::Clients clients;
  admin::Slow slow;
};

// Rates are differences between the two; the clients with the most waiting come first, then those
// with the most traffic. Above them, where some are slow: those and why, on up to a third of the
// screen. At most `lines` lines.
std::string TopScreen(const Look& before, const Look& now, size_t lines);

}  // namespace esockets::cli

#endif  // CLIENTS_CLI_TOP_VIEW_H_
