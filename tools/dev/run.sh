# ./dev run: builds the broker, then becomes it, in the folder it was called from.

main() {
  local flags=()
  while [[ $# -gt 0 && $1 != -- ]]; do
    flags+=("$1")
    shift
  done
  [[ $# -gt 0 ]] && shift
  install_packages "${PACKAGES_RUN[@]}"
  bazel_in_root build -c opt "${BAZEL_LOG_FLAGS[@]}" "${flags[@]}" //broker ||
    die "the broker was not built (see above). Flags for the broker come after '--': ./dev run -- --port=4000"
  local bin
  bin=$(bazel_in_root info -c opt "${flags[@]}" bazel-bin 2>/dev/null)
  exec "$bin/app/broker" "$@"
}
