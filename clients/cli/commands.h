// The subcommands. Each prints to stdout, complains to stderr, and returns the exit code.
#ifndef CLIENTS_CLI_COMMANDS_H_
#define CLIENTS_CLI_COMMANDS_H_

#include "clients/cli/command_line.h"
#include "clients/cli/interrupt.h"

namespace esockets::cli {

// pub.cc
int Run(const GlobalOptions& global, const PubOptions& options, Interrupt& interrupt);
// sub.cc
int Run(const GlobalOptions& global, const SubOptions& options, Interrupt& interrupt);
// req.cc
int Run(const GlobalOptions& global, const ReqOptions& options, Interrupt& interrupt);
// reply.cc
int Run(const GlobalOptions& global, const ReplyOptions& options, Interrupt& interrupt);
// presence.cc
int Run(const GlobalOptions& global, const PresenceOptions& options, Interrupt& interrupt);
// admin.cc
int Run(const GlobalOptions& global, const ClientsOptions& options, Interrupt& interrupt);
int Run(const GlobalOptions& global, const SubscriptionsOptions& options, Interrupt& interrupt);
int Run(const GlobalOptions& global, const StreamsOptions& options, Interrupt& interrupt);
int Run(const GlobalOptions& global, const KickOptions& options, Interrupt& interrupt);
int Run(const GlobalOptions& global, const RecvOptions& options, Interrupt& interrupt);
int Run(const GlobalOptions& global, const InfoOptions& options, Interrupt& interrupt);
int Run(const GlobalOptions& global, const MetricsOptions& options, Interrupt& interrupt);
int Run(const GlobalOptions& global, const LimitsOptions& options, Interrupt& interrupt);
int Run(const GlobalOptions& global, const DrainOptions& options, Interrupt& interrupt);
// diagnostics.cc
int Run(const GlobalOptions& global, const SlowOptions& options, Interrupt& interrupt);
int Run(const GlobalOptions& global, const ClosedOptions& options, Interrupt& interrupt);
int Run(const GlobalOptions& global, const TraceOptions& options, Interrupt& interrupt);
// acl.cc
int Run(const GlobalOptions& global, const AclExplainOptions& options, Interrupt& interrupt);
// top.cc
int Run(const GlobalOptions& global, const TopOptions& options, Interrupt& interrupt);
// ping.cc
int Run(const GlobalOptions& global, const PingOptions& options, Interrupt& interrupt);
// passwd.cc
int Run(const GlobalOptions& global, const PasswdOptions& options, Interrupt& interrupt);
// bench.cc
int Run(const GlobalOptions& global, const BenchOptions& options, Interrupt& interrupt);

}  // namespace esockets::cli

#endif  // CLIENTS_CLI_COMMANDS_H_
