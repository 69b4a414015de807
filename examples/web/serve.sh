# Sourced by the launchers of the pages.
#
# serve NAME FLAG...: becomes a broker with the configuration of the examples, which serves the page of
# examples/NAME at /NAME/, and says where as its last line. Flags are the broker's. A function `beside`
# of the launcher is called with the broker's address when it listens; what it starts ends with the broker.
set -euo pipefail

ROOT=$(cd "${RUNFILES_DIR:-$0.runfiles}/esockets" && pwd)
readonly ROOT

has_flag() { # NAME ARGUMENTS...
  local name=$1
  shift
  [[ " $*" == *" $name"[=\ ]* ]]
}

# Reads what the broker says when it starts, and ends with it.
tell_where() { # NAME
  local line address='' page=''
  trap '' INT HUP # are for the broker
  while read -r line; do
    echo "$line"
    [[ $line != "listening on "* ]] || address=${address:-${line#listening on }}
    [[ $line != "pages on "*"/$1/" ]] || page=${page:-${line#pages on }}
    [[ $line == "pid "* ]] || continue
    [[ $(type -t beside) != function ]] || beside "$address"
    [[ -z $page ]] || echo "Open $page in a browser; Ctrl-C ends all of it."
  done
  jobs -p | xargs -r kill -KILL
}

serve() {
  local name=$1 site flags=()
  shift
  # Where the files themselves are: the broker serves no links.
  site=$(dirname "$(readlink -f "$ROOT/examples/$name/web/site/index.html")")
  has_flag --config "$@" || flags+=(--config="$ROOT/examples/broker.textproto")
  has_flag --log_level "$@" || flags+=(--log_level=warning)
  exec "$ROOT/app/broker" "${flags[@]}" --serve="/$name=$site" "$@" > >(tell_where "$name")
}
