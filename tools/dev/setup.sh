# ./dev setup: everything that any command needs.

main() {
  install_packages "${PACKAGES_RUN[@]}" "${PACKAGES_TEST[@]}" "${PACKAGES_LINT[@]}"
  say "every package is installed"
}
