#!/bin/sh
# Micropayment does no public-key work (QP-MP-018): no object of the libraries given first refers to RSA.
# usage: no_rsa.sh LIB... -- LIB      the library after -- does, which shows that the search can find something.
set -eu
wanted=clean
for library in "$@"; do
  if [ "$library" = -- ]; then
    wanted=found
    continue
  fi
  if nm -C "$library" | grep -qi 'rsa'; then
    found=found
  else
    found=clean
  fi
  if [ "$found" != "$wanted" ]; then
    echo "$library: RSA $found, should be $wanted"
    exit 1
  fi
done
echo "no RSA where none may be"
