#!/usr/bin/env bash
# A broker that serves the page, and two agents that report this machine's figures.
# Flags are the broker's: bazel run //examples/telemetry/web -- --port=4000
set -euo pipefail

site=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; wait; rm -r "$site"' EXIT
cp -L examples/telemetry/web/site/* "$site" # a broker serves no links

coproc BROKER {
  exec app/broker --config="$PWD/examples/broker.textproto" --serve="/telemetry=$site" \
    --log_level=warning "$@"
}
while read -r line <&"${BROKER[0]}"; do
  echo "$line"
  [[ $line =~ listening\ on\ ([^ ]+) ]] && break
done
readonly ADDRESS=${BASH_REMATCH[1]}
for host in "$(uname -n)" another; do
  examples/telemetry/agent --broker="$ADDRESS" --host="$host" >/dev/null &
done
echo "The page: http://$ADDRESS/telemetry/    Ctrl-C ends all of it."
wait "$BROKER_PID"
