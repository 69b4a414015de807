# ./dev bench: the benchmarks, optimised; all of them that are not tagged "manual".
# ./dev bench compare: this broker beside others, under the same load.
# ./dev bench slow: the same, while one subscriber has stopped reading.
# ./dev bench streams: what a stream costs, beside a topic of none.
# ./dev bench fanout: what WebSocket costs, beside TCP.
# ./dev bench tls: what TLS costs, beside TCP.

# The brokers that a user would pick instead.
readonly PACKAGES_PEERS=(mosquitto nats-server redis-server)

# Debian starts a service that it installs, unless a policy says no.
install_peers() {
  local missing policy=/usr/sbin/policy-rc.d as_root=()
  mapfile -t missing < <(missing_packages "${PACKAGES_PEERS[@]}")
  [[ ${#missing[@]} -gt 0 ]] || return 0
  [[ $EUID -eq 0 ]] || as_root=(sudo)
  if [[ ! -e $policy ]]; then
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee "$policy" >/dev/null
    "${as_root[@]}" chmod 755 "$policy"
    # shellcheck disable=SC2064  # the values of now
    trap "${as_root[*]} rm -f $policy" EXIT
  fi
  install_packages "${missing[@]}"
  [[ -z $(trap -p EXIT) ]] || { "${as_root[@]}" rm -f "$policy" && trap - EXIT; }
}

# With a program of bench/load and its arguments.
under_load() {
  local program=$1
  shift
  install_packages "${PACKAGES_RUN[@]}"
  bazel_in_root build -c opt "${BAZEL_LOG_FLAGS[@]}" //app:broker //bench/load //bench/load:limit
  local bin
  bin=$(bazel_in_root info -c opt bazel-bin 2>/dev/null)
  exec "$PYTHON" "$ROOT/bench/load/$program.py" --root="$ROOT" --bin="$bin" "$@"
}

# The same beside other brokers.
beside_others() {
  install_peers
  under_load "$@"
}

main() {
  case ${1:-} in
    compare) beside_others compare "${@:2}" ;;
    slow) beside_others isolation "${@:2}" ;;
    streams) under_load streams "${@:2}" ;;
    fanout) under_load transports "${@:2}" ;;
    tls)
      install_packages openssl
      under_load tls "${@:2}"
      ;;
  esac
  local targets=()
  while [[ $# -gt 0 && $1 != -- ]]; do
    targets+=("$1")
    shift
  done
  [[ $# -gt 0 ]] && shift
  install_packages "${PACKAGES_RUN[@]}" libbenchmark-dev
  if [[ ${#targets[@]} -eq 0 ]] && has_packages bench; then
    mapfile -t targets < <(bazel_query \
      'kind(".*_binary rule", //bench/micro/...) except attr(tags, "[\[ ]manual[,\]]", //bench/micro/...)')
  fi
  [[ ${#targets[@]} -gt 0 ]] || die "there are no benchmarks below bench/"
  local target
  for target in "${targets[@]}"; do
    say "$target"
    bazel_in_root run -c opt "${BAZEL_LOG_FLAGS[@]}" "$target" -- "$@"
  done
}
