#!/usr/bin/env bash
# web.sh [FLAG...]: the broker with the configuration of the examples, which serves the chat page.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=${RUNFILES_DIR:-$here/web.runfiles/esockets}
[[ -d $root/app ]] || root=$PWD
# Where the files themselves are: the broker serves no links.
site=$(dirname "$(readlink -f "$root/examples/chat/web/site/index.html")")
echo "Open http://127.0.0.1:1234/chat/ in a browser; Ctrl-C ends it." >&2
exec "$root/app/broker" --config="$root/examples/broker.textproto" \
  --serve="/chat=$site" "$@"
