#!/usr/bin/env bash
# run_in_tree.sh ENTRY ARGUMENTS...: runs node_modules/ENTRY where the sources among the runfiles lie as
# in the workspace, with node_modules beside them. Node finds modules by the real path of a file, which
# among runfiles is that of a link's target.
set -euo pipefail

readonly RUNFILES=$TEST_SRCDIR/$TEST_WORKSPACE
readonly TREE=$TEST_TMPDIR/tree

mapfile -t npm <"$TEST_SRCDIR/npm/root"

mkdir -p "$TREE"
(cd "$RUNFILES" &&
  find -L . -path ./external -prune -o -type f \
    \( -name '*.ts' -o -name '*.json' -o -name '*.jsonl' -o -name '*.md' -o -name '*.html' \) -print |
  tar -chf - --mode=u+w --files-from=-) | tar -xf - -C "$TREE"
ln -s "${npm[0]}/node_modules" "$TREE/node_modules"

# A browser keeps a profile, and Vite a cache.
export HOME=$TEST_TMPDIR
export ESOCKETS_RUNFILES=$RUNFILES
readonly ENTRY=$1
shift
cd "$TREE"
status=0
"${npm[0]}/node_modules/${npm[1]}" "node_modules/$ENTRY" "$@" || status=$?
# Others than vitest do not count.
[[ $ENTRY == vitest/* ]] || echo "${ENTRY%%/*}: $((status == 0)) passed, $((status != 0)) failed"
exit "$status"
