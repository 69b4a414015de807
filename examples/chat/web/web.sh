#!/usr/bin/env bash
# A broker that serves the chat page. Flags are the broker's:
#   bazel run //examples/chat/web -- --port=4000
source "${RUNFILES_DIR:-$0.runfiles}/esockets/examples/web/serve.sh"
serve chat "$@"
