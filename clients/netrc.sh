#!/bin/sh
# Puts a token into a netrc file, in the place of the one that the file has for that host.
#
#   atticctl tokens get TOKEN | netrc.sh HOST FILE
#
# What FILE has for other hosts stays. It is replaced as a whole, by a file of mode 0600; when no token comes in, it is
# left as it is. The token comes by standard input, and goes into no argument and no output.

# A trace would print the token.
set +x
set -eu

fail() {
  printf 'netrc: %s; %s is as it was\n' "$1" "$file" >&2
  exit 1
}

# Prints what a netrc file has for all hosts but one; an entry may go over several lines.
others() {
  awk -v host="$1" '
    $1 == "machine" || $1 == "default" { drop = $1 == "machine" && $2 == host }
    !drop || /^[ \t]*#/
  ' "$2"
}

if [ $# -ne 2 ]; then
  echo 'netrc: for which host, in which file? netrc.sh HOST FILE' >&2
  exit 2
fi
host=$1 file=$2
token=$(cat)
case $token in
  '') fail 'no token came in' ;;
  *[!A-Za-z0-9._-]*) fail 'what came in has characters that no token of Attic has' ;;
esac
if [ -L "$file" ]; then fail 'that is a link: whatever made it is to write the token'; fi

mkdir -p "$(dirname "$file")"
umask 077
# In the same folder: a file is renamed at once within one file system alone.
new=$(mktemp "$file.XXXXXX")
trap 'rm -f "$new"' EXIT
trap 'exit 1' HUP INT TERM
# In front: the first entry that fits counts, and `default` fits every host.
printf 'machine %s login nix password %s\n' "$host" "$token" >"$new"
if [ -e "$file" ]; then others "$host" "$file" >>"$new"; fi
mv -f "$new" "$file"
