# ./dev matrix: the feature matrix of clients/README.md, from the conformance tests of all clients.

main() {
  install_packages "${PACKAGES_RUN[@]}" "${PACKAGES_TEST[@]}"
  local targets
  mapfile -t targets < <(bazel_query 'filter("/[a-z]+:conformance_test$", tests(//tests/clients/...))')
  [[ ${#targets[@]} -gt 0 ]] || die "no client has a conformance_test"
  # What a client does, not what it did: an old result proves nothing.
  bazel_in_root test --nocache_test_results "${BAZEL_LOG_FLAGS[@]}" \
    --test_env=FEATURE_MATRIX=rewrite "${targets[@]}" </dev/null ||
    die "a client does not do what it says (see above): the matrix stays as it is"
  local logs target outputs=()
  logs=$(bazel_in_root info bazel-testlogs 2>/dev/null)
  for target in "${targets[@]}"; do
    target=${target#//}
    outputs+=("$logs/${target/://}/test.outputs/outputs.zip")
  done
  "$PYTHON" "$ROOT/tools/dev/matrix.py" "$ROOT" "${outputs[@]}"
}
