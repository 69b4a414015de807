# ./dev soak: the real broker under thousands of clients that misbehave, optimised unless a
# configuration says otherwise.

main() {
  local flags=() build=(-c opt) argument
  for argument in "$@"; do
    case $argument in
      --config=*) build=("$argument") ;;
      --hours=* | --minutes=* | --seconds=* | --clients=* | --seed=* | --help) flags+=("$argument") ;;
      *) die "usage: ./dev soak [--hours=N | --minutes=N] [--clients=N] [--seed=N] [--config=asan|tsan]" ;;
    esac
  done
  install_packages "${PACKAGES_RUN[@]}" "${PACKAGES_TEST[@]}"
  bazel_in_root build "${build[@]}" "${BAZEL_LOG_FLAGS[@]}" //tests/soak //app:broker
  local bin
  bin=$(bazel_in_root info "${build[@]}" bazel-bin 2>/dev/null)
  exec "$bin/tests/soak/soak" --broker="$bin/app/broker" "${flags[@]}"
}
