# ./dev format: clang-format in place.

main() {
  install_packages clang-format-16
  local files
  mapfile -t files < <(cc_files "$@")
  clang-format-16 -i "${files[@]}"
  say "formatted ${#files[@]} files"
}
