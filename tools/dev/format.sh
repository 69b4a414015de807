# ./dev format: clang-format in place.

main() {
  install_packages clang-format-16
  local files
  mapfile -t files < <(cc_files "$@")
  [[ ${#files[@]} -gt 0 ]] || die "no C++ files among: $*"
  clang-format-16 -i "${files[@]}"
  say "formatted ${#files[@]} files"
}
