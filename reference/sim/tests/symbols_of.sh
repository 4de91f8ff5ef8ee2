#!/bin/sh
# Nothing of the libraries is in the program: of the symbols that they alone define, for all to link to, it has none.
# usage: symbols_of.sh PROGRAM LIB...
set -eu
program=$1
shift
all=$(mktemp)
trap 'rm -f "$all"' EXIT
nm -C --defined-only "$program" | sed -n 's/^[0-9a-f]* [A-Za-z] //p' | sort -u > "$all"
for library in "$@"; do
  own=$(mktemp)
  nm -C --defined-only --extern-only "$library" | sed -n 's/^[0-9a-f]* [TDBR] //p' | sort -u > "$own"
  count=$(wc -l < "$own")
  found=$(comm -12 "$own" "$all" | sed 's/quickpay::roles:://g; s/quickpay::statemachines:://g')
  rm -f "$own"
  if [ "$count" -eq 0 ]; then
    echo "$library defines nothing, so that nothing can be found"
    exit 2
  fi
  if [ -n "$found" ]; then
    echo "$found" | sed "s|^|$(basename "$program") has |"
    exit 1
  fi
  echo "none of the $count symbols of $(basename "$library")"
done
