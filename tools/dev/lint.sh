# ./dev lint: clang-format and clang-tidy, without changing anything.

main() {
  install_packages "${PACKAGES_RUN[@]}" "${PACKAGES_TEST[@]}" "${PACKAGES_LINT[@]}"
  local files failed=0 protos
  mapfile -t files < <(cc_files "$@")
  [[ ${#files[@]} -gt 0 ]] || die "no C++ files among: $*"
  say "clang-format of ${#files[@]} files"
  clang-format-16 --dry-run -Werror "${files[@]}" || failed=1
  [[ $failed -eq 0 ]] || say "./dev format mends these"

  # clang-tidy reads the generated headers.
  mapfile -t protos < <(bazel_query 'kind(cc_proto_library, //...)')
  bazel_in_root build "${BAZEL_LOG_FLAGS[@]}" "${protos[@]}"
  "$ROOT/tools/compile_commands.py" >&2
  "$PYTHON" "$ROOT/tools/dev/tidy.py" "$ROOT" "${files[@]}" || failed=1
  [[ $failed -eq 0 ]] || die "lint failed (see above)"
  say "lint is clean"
}
