# ./dev fuzz: libFuzzer on a target of cc_fuzz_test, from its corpus in the tree. New
# inputs go to .fuzz/NAME; one that shall stay is copied into the corpus by hand.

# A crash is written to .fuzz/NAME/ too, and its name printed by libFuzzer.
fuzz_one() {
  local target=$1 seconds=$2
  local name=${target##*:} corpora
  local work=$ROOT/.fuzz/$name
  mkdir -p "$work/found"
  mapfile -t corpora < <(bazel_query "labels(data, $target)" | grep '^//' |
    sed 's|^//||; s|:|/|; s|/[^/]*$||' | sort -u | sed "s|^|$ROOT/|")
  say "$target for $seconds s, from ${corpora[*]:-nothing}"
  bazel_in_root build --config=fuzz "${BAZEL_LOG_FLAGS[@]}" "$target" || return
  local bin
  bin=$(bazel_in_root info --config=fuzz bazel-bin 2>/dev/null)
  local path=${target#//}
  "$bin/${path/://}" -max_total_time="$seconds" -print_final_stats=1 \
    -artifact_prefix="$work/" "$work/found" "${corpora[@]}"
}

main() {
  install_packages "${PACKAGES_RUN[@]}" "${PACKAGES_TEST[@]}"
  local targets
  mapfile -t targets < <(bazel_query 'attr(tags, "[\[ ]fuzz[,\]]", tests(//...))')
  [[ ${#targets[@]} -gt 0 ]] || die "there are no fuzz targets (see tools/fuzz/defs.bzl)"
  if [[ $# -gt 0 ]]; then
    local wanted
    mapfile -t wanted < <(printf '%s\n' "${targets[@]}" | grep -E -e "(^|:)${1//./\\.}\$" || true)
    [[ ${#wanted[@]} -eq 1 ]] ||
      die "which target is '$1'? There are: ${targets[*]}"
    targets=("${wanted[@]}")
  fi
  local seconds=${2:-$([[ $# -gt 0 ]] && echo 60 || echo 10)} target failed=0
  for target in "${targets[@]}"; do
    fuzz_one "$target" "$seconds" || failed=$((failed + 1))
  done
  [[ $failed -eq 0 ]] || die "$failed of ${#targets[@]} targets failed"
  say "${#targets[@]} targets, nothing found"
}
