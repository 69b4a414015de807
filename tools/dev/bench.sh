# ./dev bench: the benchmarks, optimised; all of them that are not tagged "manual".

main() {
  local targets=()
  while [[ $# -gt 0 && $1 != -- ]]; do
    targets+=("$1")
    shift
  done
  [[ $# -gt 0 ]] && shift
  install_packages "${PACKAGES_RUN[@]}" libbenchmark-dev
  if [[ ${#targets[@]} -eq 0 ]] && has_packages bench; then
    mapfile -t targets < <(bazel_query \
      'kind(".*_binary rule", //bench/...) except attr(tags, "[\[ ]manual[,\]]", //bench/...)')
  fi
  [[ ${#targets[@]} -gt 0 ]] || die "there are no benchmarks below bench/"
  local target
  for target in "${targets[@]}"; do
    say "$target"
    bazel_in_root run -c opt "${BAZEL_LOG_FLAGS[@]}" "$target" -- "$@"
  done
}
