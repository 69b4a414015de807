#!/usr/bin/env bash
# A broker that serves the telemetry page, and two agents that report this machine's figures. Flags are
# the broker's:
#   bazel run //examples/telemetry/web -- --port=4000
source "${RUNFILES_DIR:-$0.runfiles}/esockets/examples/web/serve.sh"

beside() { # ADDRESS
  local host
  for host in "$(uname -n)" another; do
    # In a session of its own: Ctrl-C is for the broker, and with it the agents end.
    setsid "$ROOT/examples/telemetry/agent" --broker="$1" --host="$host" >/dev/null &
  done
}

serve telemetry "$@"
