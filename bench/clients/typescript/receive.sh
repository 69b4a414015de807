#!/usr/bin/env bash
# Runs receive.mjs with the package as it is installed.
set -euo pipefail

cd "${BASH_SOURCE[0]}.runfiles"
mapfile -t npm <npm/root

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
mkdir -p "$folder/node_modules/@esockets/client"
tar -xzf esockets/clients/typescript/esockets-client.tgz \
  -C "$folder/node_modules/@esockets/client" --strip-components=1
ln -s "${npm[0]}/node_modules/ws" "$folder/node_modules/ws"
cp esockets/bench/clients/typescript/receive.mjs "$folder"
"${npm[0]}/node_modules/${npm[1]}" "$folder/receive.mjs" "$@"
