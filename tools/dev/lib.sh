# What the commands of ./dev share. Sourced, with ROOT set.

readonly BAZEL=${BAZEL:-/usr/bin/bazel}
readonly PYTHON=/usr/bin/python3

# --- Debian packages -------------------------------------------------------------

# To build and run the broker, the clients and the examples.
readonly PACKAGES_RUN=(
  bazel-bootstrap bazel-platforms bazel-rules-java bazel-rules-proto bazel-skylib
  g++ pkgconf
  libabsl-dev libargon2-dev libboost1.74-dev libcli11-dev libjemalloc-dev libprotobuf-dev libspdlog-dev
  libssl-dev nlohmann-json3-dev prometheus-cpp-dev protobuf-compiler zlib1g-dev
)
# To run every test, in every configuration.
PACKAGES_TEST=(
  libgtest-dev libgmock-dev libbenchmark-dev libwslay-dev
  clang-16 clang-format-16 lld-16 libclang-rt-16-dev
  python3 python3-protobuf python3-pytest python3-setuptools python3-websockets python3-wheel
  mypy
  adduser binutils dpkg-dev groff-base init-system-helpers systemd
  openssl procps iproute2
  chromium
)
# npm fetches a Node of its own for the tests, and needs any to run: one from elsewhere will do.
command -v node >/dev/null || PACKAGES_TEST+=(nodejs)
command -v npm >/dev/null || PACKAGES_TEST+=(npm)
readonly PACKAGES_TEST
readonly PACKAGES_LINT=(clang-tidy-16)

say() { printf 'dev: %s\n' "$*" >&2; }

die() {
  say "$*"
  exit 1
}

# Prints those of the named packages that are not installed.
missing_packages() {
  local installed
  installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null |
    sed -n 's/^installed //p' || true)
  local package
  for package in "$@"; do
    grep -qxF -e "$package" <<<"$installed" || printf '%s\n' "$package"
  done
}

apt_get() {
  local as_root=()
  [[ $EUID -eq 0 ]] || as_root=(sudo)
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get -o DPkg::Lock::Timeout=600 -o Dpkg::Use-Pty=0 -o Acquire::Retries=3 "$@" </dev/null
}

# True when apt knows a version of every named package.
have_candidates() {
  local known
  known=$(apt-cache policy "$@" 2>/dev/null | grep -c '^  Candidate: [^(]' || true)
  [[ $known -eq $# ]]
}

# Installs those of the named packages that are missing.
install_packages() {
  command -v dpkg-query >/dev/null ||
    die "this needs Debian 12 or a relative of it: there is no dpkg-query. Packages wanted: $*"
  local missing
  mapfile -t missing < <(missing_packages "$@")
  [[ ${#missing[@]} -eq 0 ]] && return
  if [[ $EUID -ne 0 ]] && ! command -v sudo >/dev/null; then
    die "run this once as root, who can install what is missing: apt-get install ${missing[*]}"
  fi
  say "installing ${#missing[@]} Debian packages and what they need: ${missing[*]}"
  have_candidates "${missing[@]}" || apt_get update || die "apt-get update failed (see above)"
  # A package list that is too old names versions the mirror no longer has.
  apt_get install --yes --no-install-recommends "${missing[@]}" ||
    { say "trying again with a fresh package list" &&
      apt_get update &&
      apt_get install --yes --no-install-recommends "${missing[@]}"; } ||
    die "apt-get could not install: ${missing[*]} (see above; made for Debian 12 \"bookworm\")"
}

# --- Bazel -----------------------------------------------------------------------

# Flags for a log instead of a terminal: a line of progress now and then.
BAZEL_LOG_FLAGS=()
[[ -t 2 ]] || BAZEL_LOG_FLAGS=(--curses=no --color=no --show_progress_rate_limit=30)
readonly BAZEL_LOG_FLAGS

# Bazel keeps its output below HOME, which a service or a container may not have.
if [[ ! -d ${HOME:-} || ! -w ${HOME:-} ]]; then
  export HOME=/var/tmp/esockets-$EUID
  mkdir -p -m 700 "$HOME"
fi
if [[ -z ${USER:-} ]]; then
  USER=$(id -un)
  export USER
fi

[[ $ROOT != *[[:space:]]* ]] ||
  die "Bazel does not work in a path with spaces ($ROOT): clone to another one"

# Runs a Bazel command in the workspace, wherever ./dev was called.
bazel_in_root() { (cd "$ROOT" && exec "$BAZEL" "$@"); }

# Labels a query finds; none when it fails, as for a folder that does not exist.
bazel_query() {
  bazel_in_root query --noshow_progress --ui_event_filters=-info,-warning "$@" 2>/dev/null || true
}

# True when a folder of the workspace has a BUILD file at any depth.
has_packages() { [[ -n $(find "$ROOT/$1" -name BUILD -print -quit 2>/dev/null) ]]; }

# Prints our C++ files, or the given ones as absolute paths.
cc_files() {
  if [[ $# -gt 0 ]]; then
    realpath -e "$@" | grep -E '\.(cc|h)$' || true
  else
    find "$ROOT" \( -name 'bazel-*' -o -name '.?*' -o -name node_modules \) -prune -o \
      -type f \( -name '*.cc' -o -name '*.h' \) -print | sort
  fi
}
