# ./dev sim: many seeds of the simulation, optimised.

main() {
  install_packages "${PACKAGES_RUN[@]}" "${PACKAGES_TEST[@]}"
  bazel_in_root build -c opt "${BAZEL_LOG_FLAGS[@]}" //tests/sim
  local bin
  bin=$(bazel_in_root info -c opt bazel-bin 2>/dev/null)
  exec "$bin/tests/sim/sim" "$@"
}
