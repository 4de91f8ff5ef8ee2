#!/bin/sh
# Micropayment does no public-key work (QP-MP-001, QP-MP-017, QP-MP-018): no object of the libraries given first refers
# to RSA or to the class that signs, but for that class itself, the one that opens what is sealed, the protocols of signed claims, commitments and revokes, look-ups, keys that follow one another, and the
# audit of what a Host signed.
# usage: no_rsa.sh LIB... -- LIB...   the libraries after -- do, which shows that the search can find something.
set -eu
exempt='^(signatures|seals|settlement_[a-z_]*|regular_[a-z_]*|revoke_[a-z_]*|registration_[a-z]*|keys_[a-z]*|directory_[a-z]*|host_audit)\.cpp\.o:$'
wanted=clean
for library in "$@"; do
  if [ "$library" = -- ]; then
    wanted=found
    exempt='^$'
    continue
  fi
  # nm heads the symbols of each object with its name and a colon
  lines=$(nm -C "$library" | awk -v exempt="$exempt" '/:$/ { skip = $0 ~ exempt } !skip && (/RSA|Rsa|rsa/ || /roles::Signatures/)' | wc -l)
  if [ "$lines" -gt 0 ]; then found=found; else found=clean; fi
  if [ "$found" != "$wanted" ]; then
    echo "$library: RSA $found, should be $wanted"
    exit 1
  fi
done
echo "no RSA where none may be"
