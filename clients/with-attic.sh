#!/bin/sh
# Runs a build with the caches of an Attic server, and pushes what it built.
#
#   with-attic.sh COMMAND…
#
# It ends as COMMAND ends. A cache that is away, a token that is missing or a push that fails costs time and a warning,
# never the build. Whose code runs decides over the rest:
#
#   trusted   a protected ref           pulls and pushes with ATTIC_TOKEN, to ATTIC_CACHE
#   branch    others of the repository  pulls and pushes with ATTIC_BRANCH_TOKEN, to ATTIC_BRANCH_CACHE
#   foreign   a fork's, or unknown      uses no token: pulls from the public caches, pushes nothing
#
# Tokens are read from the environment and taken out of it before anything else runs; they go into files of mode 0600
# that are gone at the end, never into arguments or output.
#
#   ATTIC_ENDPOINT       the server's URL, with a slash at the end
#   ATTIC_CACHES         URLs of private caches, for pulling
#   ATTIC_PUBLIC_CACHES  URLs of caches that need no token
#   ATTIC_PUBLIC_KEYS    what the caches sign with
#   ATTIC_CACHE          the cache that trusted refs push to; empty for none
#   ATTIC_BRANCH_CACHE   the cache that other branches push to; empty for none
#   ATTIC_PUSH           after: what is new in the store, when COMMAND has succeeded (default)
#                        during: as soon as something is built, too, whatever becomes of the rest
#                        never
#   ATTIC_PUSH_ONLY      push these paths and what they need at run time, instead of all that is new
#   ATTIC_REQUIRE_PUSH   true: a push that does not happen fails the job
#   ATTIC_PUSH_TIMEOUT   seconds that an attempt to push may take (1800)
#   ATTIC_RETRY_PAUSE    seconds between attempts, of which there are 3 (5)
#   ATTIC_TOKEN_VARIABLE, ATTIC_BRANCH_TOKEN_VARIABLE
#                        names of other variables to read the tokens from; empty for none
#   ATTIC_TRUSTED_REFS   patterns of refs to trust beside the protected ones: main, refs/tags/v*
#   ATTIC_REF_TRUST      trusted, branch or foreign, in a CI that this script does not know
#   ATTIC_CLIENT         the flake that Attic's client is taken from when none is on PATH (nixpkgs#attic-client)

# A trace would print the tokens.
set +x
set -euf
umask 077

say() { printf 'with-attic: %s\n' "$*" >&2; }
warn() { say "warning: $*"; }

# Whether a ref, such as refs/heads/main, is among ATTIC_TRUSTED_REFS; without refs/, these are branches.
listed() {
  for pattern in ${ATTIC_TRUSTED_REFS:-}; do
    case $pattern in refs/*) ;; *) pattern=refs/heads/$pattern ;; esac
    # A pattern is meant to match.
    # shellcheck disable=SC2254
    case $1 in $pattern) return 0 ;; esac
  done
  return 1
}

trusted_if() {
  if "$@"; then echo trusted; else echo branch; fi
}

whose_gitlab() {
  if [ "${CI_MERGE_REQUEST_SOURCE_PROJECT_ID:-}" != "${CI_MERGE_REQUEST_PROJECT_ID:-}" ]; then
    echo foreign
  elif [ "${CI_PIPELINE_SOURCE:-}" = external_pull_request_event ]; then
    echo foreign
  elif [ "${CI_PIPELINE_SOURCE:-}" = merge_request_event ]; then
    # Of a protected branch too: what is merged is pushed by its branch.
    echo branch
  elif [ "${CI_COMMIT_REF_PROTECTED:-}" = true ]; then
    echo trusted
  elif [ -n "${CI_COMMIT_TAG:-}" ]; then
    trusted_if listed "refs/tags/$CI_COMMIT_TAG"
  else
    trusted_if listed "refs/heads/${CI_COMMIT_BRANCH:-}"
  fi
}

whose_github() {
  case ${GITHUB_EVENT_NAME:-} in
    push | schedule | workflow_dispatch | merge_group | release)
      if [ "${GITHUB_REF_PROTECTED:-}" = true ]; then echo trusted; else trusted_if listed "${GITHUB_REF:-}"; fi
      ;;
    pull_request)
      if [ "${ATTIC_PULL_REQUEST_FROM:-}" = "${GITHUB_REPOSITORY:-?}" ]; then echo branch; else echo foreign; fi
      ;;
    # Others, such as pull_request_target and workflow_run, come with secrets on code that may be anybody's.
    *) echo foreign ;;
  esac
}

whose_woodpecker() {
  case ${CI_PIPELINE_EVENT:-} in
    push | cron | manual)
      if [ "${CI_COMMIT_REF:-}" = "refs/heads/${CI_REPO_DEFAULT_BRANCH:-?}" ]; then
        echo trusted
      else
        trusted_if listed "${CI_COMMIT_REF:-}"
      fi
      ;;
    tag | release) trusted_if listed "${CI_COMMIT_REF:-}" ;;
    # It does not tell a fork's pull requests from the repository's own.
    *) echo foreign ;;
  esac
}

whose() {
  if [ "${GITLAB_CI:-}" = true ]; then
    whose_gitlab
  elif [ "${GITHUB_ACTIONS:-}" = true ]; then
    # Forgejo says so, too.
    whose_github
  elif [ "${CI:-}" = woodpecker ]; then
    whose_woodpecker
  else
    case ${ATTIC_REF_TRUST:-} in trusted | branch) echo "$ATTIC_REF_TRUST" ;; *) echo foreign ;; esac
  fi
}

# Prints what the variable has whose name the second argument is; the first says where that name stands.
value_of() {
  case $2 in
    '') ;;
    [0-9]* | *[!A-Za-z0-9_]*)
      say "$1 is $2, which is no name of a variable"
      exit 2
      ;;
    *) eval "printf %s \"\${$2:-}\"" ;;
  esac
}

# Sets trust, token, cache and caches, or why there is nothing to push with; takes the tokens out of what is handed on.
choose() {
  trust=$(whose)
  trusted_from=${ATTIC_TOKEN_VARIABLE-ATTIC_TOKEN}
  branch_from=${ATTIC_BRANCH_TOKEN_VARIABLE-ATTIC_BRANCH_TOKEN}
  # A variable that came by the environment is handed on with whatever it is set to.
  unset -v trusted_token branch_token
  trusted_token=$(value_of ATTIC_TOKEN_VARIABLE "$trusted_from")
  branch_token=$(value_of ATTIC_BRANCH_TOKEN_VARIABLE "$branch_from")
  # shellcheck disable=SC2086
  unset -v own token ATTIC_TOKEN ATTIC_BRANCH_TOKEN $trusted_from $branch_from
  own='' token='' cache='' unable=''
  case $trust in
    trusted)
      needed=${trusted_from:-ATTIC_TOKEN} own=$trusted_token token=${trusted_token:-$branch_token}
      cache=${ATTIC_CACHE:-}
      ;;
    branch)
      needed=${branch_from:-ATTIC_BRANCH_TOKEN} own=$branch_token token=${branch_token:-$trusted_token}
      cache=${ATTIC_BRANCH_CACHE:-}
      ;;
  esac
  # A variable that was set from a file ends in a newline.
  token=$(printf %s "$token" | tr -d '[:space:]')
  case $token in
    *[!A-Za-z0-9._-]*)
      warn 'the token has characters that no token of Attic has: it is not used'
      token='' own=''
      ;;
  esac
  case ${ATTIC_PUSH:-after} in
    after | during) ;;
    never) cache='' ;;
    *)
      say "ATTIC_PUSH is $ATTIC_PUSH; it can be after, during or never"
      exit 2
      ;;
  esac
  if [ -n "$cache" ] && [ -z "$own" ]; then
    cache='' unable="$needed is not set here"
  elif [ -n "$cache" ] && [ -z "${ATTIC_ENDPOINT:-}" ]; then
    cache='' unable='ATTIC_ENDPOINT is not set'
  fi
  caches=${ATTIC_PUBLIC_CACHES:-}
  if [ -n "$token" ]; then caches="${ATTIC_CACHES:-} $caches"; fi
}

host_of() {
  host=${1#*://}
  host=${host%%/*}
  echo "${host%%:*}"
}

# Has Nix use the caches. What is private without a token is left out: it would be asked and refuse.
configure_nix() {
  lines="fallback = true
connect-timeout = 5
extra-substituters = $caches
extra-trusted-public-keys = ${ATTIC_PUBLIC_KEYS:-}"
  if [ -n "$token" ] && [ -n "${ATTIC_CACHES:-}" ]; then
    for url in $ATTIC_CACHES; do
      printf 'machine %s login nix password %s\n' "$(host_of "$url")" "$token"
    done >"$directory/netrc"
    lines="$lines
netrc-file = $directory/netrc"
  fi
  NIX_CONFIG="${NIX_CONFIG:+$NIX_CONFIG
}$lines"
  export NIX_CONFIG
}

# What `attic login` would write, which takes the token as an argument.
configure_client() {
  mkdir "$directory/attic"
  printf 'default-server = "attic"\n[servers.attic]\nendpoint = "%s"\ntoken = "%s"\n' \
    "$ATTIC_ENDPOINT" "$token" >"$directory/attic/config.toml"
}

nix_command() { nix --extra-experimental-features 'nix-command flakes' "$@"; }

# Sets client to Attic's client.
find_client() {
  if client=$(command -v attic); then return; fi
  client=$(nix_command build --no-link --print-out-paths "${ATTIC_CLIENT:-nixpkgs#attic-client}")/bin/attic
}

bounded() {
  if command -v timeout >/dev/null; then timeout -k 10 "${ATTIC_PUSH_TIMEOUT:-1800}" "$@"; else "$@"; fi
}

# Writes the valid paths of the store to a file, without recipes and sources, which watch-store leaves out, too.
list_store() {
  nix_command path-info --all >"$directory/all" &&
    grep -v -e '\.drv$' -e '-source$' "$directory/all" | LC_ALL=C sort >"$1"
}

prepare_push() {
  configure_client && find_client && list_store "$directory/before"
}

watch() {
  env XDG_CONFIG_HOME="$directory" "$client" watch-store "$cache" </dev/null >"$directory/watch.log" 2>&1 &
  watcher=$!
}

# Ends a background process, which gets a minute to finish what it does.
end() {
  kill "$1" 2>/dev/null || true
  waited=0
  while kill -0 "$1" 2>/dev/null && [ $waited -lt 60 ]; do
    sleep 1
    waited=$((waited + 1))
  done
  kill -9 "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
}

# watch-store ends at once when it is told to, with what it had queued: push_rest comes behind it.
stop_watching() {
  if [ -n "$watcher" ]; then
    pid=$watcher watcher=''
    end "$pid"
    while read -r line; do say "watch-store: $line"; done <"$directory/watch.log"
  fi
}

# What is to be pushed, one path a line. What the server has already, the client leaves out by itself.
to_push() {
  if [ -n "${ATTIC_PUSH_ONLY:-}" ]; then
    # shellcheck disable=SC2086
    printf '%s\n' $ATTIC_PUSH_ONLY
  else
    list_store "$directory/now" && LC_ALL=C comm -13 "$directory/before" "$directory/now"
  fi
}

push_rest() {
  to_push >"$directory/push" || return 1
  if ! [ -s "$directory/push" ]; then
    say 'nothing new to push'
    return 0
  fi
  for attempt in 1 2 3; do
    if bounded env XDG_CONFIG_HOME="$directory" "$client" push "$cache" --stdin <"$directory/push" >&2; then
      return 0
    fi
    warn "attempt $attempt to push to $cache failed"
    if [ "$attempt" -lt 3 ]; then sleep "${ATTIC_RETRY_PAUSE:-5}"; fi
  done
  return 1
}

clean_up() {
  for pid in $build $watcher; do end "$pid"; done
  rm -rf "$directory"
}

# Why nothing was pushed, where something should have been.
not_pushed() {
  warn "$*; nothing is pushed"
  if [ "${ATTIC_REQUIRE_PUSH:-}" = true ]; then
    say 'ATTIC_REQUIRE_PUSH makes that a failure'
    exit 1
  fi
}

main() {
  if [ $# -eq 0 ]; then
    say 'what is to be run? with-attic.sh COMMAND…'
    exit 2
  fi
  choose
  build='' watcher=''
  directory=$(mktemp -d "${TMPDIR:-/tmp}/with-attic.XXXXXX")
  trap clean_up EXIT
  trap 'exit 129' HUP
  trap 'exit 130' INT
  trap 'exit 143' TERM
  configure_nix
  say "$trust ref: pulls from ${caches:-no cache}, pushes to ${cache:-no cache}"
  if [ -n "$cache" ]; then
    if ! prepare_push; then
      cache='' unable="Attic's client cannot be had, or the store not be read"
    elif [ "${ATTIC_PUSH:-after}" = during ]; then
      watch
    fi
  fi

  # In the background, so that a signal is heard at once; which would take its input away.
  exec 3<&0
  status=0
  "$@" <&3 3<&- &
  build=$!
  wait "$build" || status=$?
  build=''
  stop_watching
  if [ "$status" -ne 0 ]; then
    say "the build ended with $status: nothing more is pushed"
    exit "$status"
  fi
  if [ -n "$cache" ]; then
    push_rest || not_pushed "the push to $cache failed: is the token still valid, and the server up?"
  elif [ -n "$unable" ]; then
    not_pushed "$unable"
  fi
}

main "$@"
