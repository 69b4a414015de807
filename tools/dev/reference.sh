# ./dev reference: docs/CONFIGURATION.md anew, from app/config.proto.

main() {
  install_packages "${PACKAGES_RUN[@]}" python3-protobuf
  bazel_in_root build "${BAZEL_LOG_FLAGS[@]}" //tools/package:configuration
  local bin
  bin=$(bazel_in_root info bazel-bin 2>/dev/null)
  install -m 644 "$bin/tools/package/CONFIGURATION.md" "$ROOT/docs/CONFIGURATION.md"
  say "wrote docs/CONFIGURATION.md"
}
