#!/bin/sh
# Runs a command and succeeds if it exits with the code given first: exits_with.sh CODE COMMAND…
expected=$1
shift
code=0
"$@" || code=$?
[ "$code" -eq "$expected" ] || { echo "exit code $code, expected $expected" >&2; exit 1; }
