# ./dev test: every test in every configuration, or the given ones with gcc.

# The folders, or single targets, of each sanitizer. Folders that do not exist are left out.
readonly TSAN_FOLDERS=(tests/server tests/broker tests/sim //tests/integration:loops_test //tests/integration:streams_test)
readonly ASAN_FOLDERS=(tests/fuzz tests/proto tests/integration)

RESULTS=$(mktemp -d)
readonly RESULTS
trap 'rm -rf "$RESULTS"' EXIT

# run_part NAME COMMAND FLAGS...: runs Bazel and notes what became of it.
run_part() {
  local name=$1 command=$2 number started status=0
  shift 2
  number=$(find "$RESULTS" -name '*.json' | wc -l)
  started=$SECONDS
  say "── $name"
  bazel_in_root "$command" --keep_going "${BAZEL_LOG_FLAGS[@]}" \
    --build_event_json_file="$RESULTS/$number.json" "$@" </dev/null || status=$?
  [[ $status -ne 8 ]] || die "interrupted"
  # A Bazel that fails before it builds writes no events.
  touch "$RESULTS/$number.json"
  printf '%s\t%s\t%s\t%s\t%s\n' \
    "$number.json" "$name" "$command" "$status" "$((SECONDS - started))" >>"$RESULTS/parts"
}

# run_folders NAME CONFIG FOLDERS...: the tests below those folders that exist, and the targets.
run_folders() {
  local name=$1 config=$2 folder patterns=()
  shift 2
  for folder in "$@"; do
    if [[ $folder == //* ]]; then
      patterns+=("$folder")
    elif has_packages "$folder"; then
      patterns+=("//$folder/...")
    fi
  done
  if [[ ${#patterns[@]} -eq 0 ]]; then
    say "── $name: no tests yet below $*"
    return
  fi
  run_part "$name" test --config="$config" --build_tests_only "${patterns[@]}"
}

run_all() {
  run_part "gcc, everything" test //...
  run_folders "thread sanitizer" tsan "${TSAN_FOLDERS[@]}"
  run_folders "address and undefined-behaviour sanitizer" asan "${ASAN_FOLDERS[@]}"
  # What people build first: with optimisation gcc sees, and warns of, more.
  run_part "gcc, optimised (build)" build -c opt //broker //clients/cli:esockets
  # What clang finds, it finds when it compiles; and the analysis is for the product.
  run_part "clang, thread safety and layers (build)" build --config=clang \
    --output_groups=compilation_outputs -- //... -//tests/...
}

# True when an argument is a target and not a flag of Bazel or the value of one.
names_a_target() {
  local previous= argument
  for argument in "$@"; do
    [[ $argument == -* || $previous == -c || $previous == -j ]] || return 0
    previous=$argument
  done
  return 1
}

# As a row of the summary has room for it.
part_name() {
  local all="$*"
  [[ ${#all} -le 60 ]] && echo "$all" || echo "$1 and $(($# - 1)) more"
}

main() {
  install_packages "${PACKAGES_RUN[@]}" "${PACKAGES_TEST[@]}"
  if [[ $# -eq 0 ]]; then
    run_all
  elif names_a_target "$@"; then
    run_part "$(part_name "$@")" test "$@"
  else
    run_part "$* //..." test "$@" //...
  fi
  "$PYTHON" "$ROOT/tools/dev/summary.py" "$RESULTS"
}
