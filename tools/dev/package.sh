# ./dev package: the Debian package, hardened. ./dev package test: also installs it in a namespace of
# its own, uses, reloads, upgrades and purges it there (as root).

readonly PACKAGES_DEB=(binutils dpkg-dev groff-base python3 systemd)

main() {
  install_packages "${PACKAGES_RUN[@]}" "${PACKAGES_DEB[@]}"
  bazel_in_root build --config=release "${BAZEL_LOG_FLAGS[@]}" //tools/package:esockets.deb
  local bin version
  bin=$(bazel_in_root info --config=release bazel-bin 2>/dev/null)
  version=$(dpkg-deb --showformat='${Package}_${Version}_${Architecture}' --show "$bin/tools/package/esockets.deb")
  install -m 644 "$bin/tools/package/esockets.deb" "$ROOT/$version.deb"
  "$PYTHON" "$ROOT/tools/package/hardening.py" "$bin/app/broker" "$bin/clients/cli/esockets"
  say "wrote $version.deb"
  [[ ${1:-} == test ]] || return 0
  bazel_in_root test --config=release "${BAZEL_LOG_FLAGS[@]}" --test_output=errors //tests/packaging/... </dev/null
}
