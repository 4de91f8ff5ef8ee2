#!/bin/sh
# Micropayment does no public-key work (QP-MP-001, QP-MP-017, QP-MP-018): of the libraries given first no object calls RSA,
# or what does it for others (Signatures, Seals, checks of keys), but as public_key_users.txt admits, function by function.
# usage: no_rsa.sh LIB... -- LIB...   the libraries after -- do such work, which shows that the search can find something.
set -eu
admitted="$(dirname "$0")/public_key_users.txt"
all=$(mktemp)
trap 'rm -f "$all"' EXIT

# "object function" for each call out of an object of the library that is public-key work
calls() {
  # nm heads the symbols of each object with its name and a colon
  nm -C --undefined-only "$1" | awk '
    /:$/ { object = substr($0, 1, length($0) - 1) }
    $1 == "U" && (/RSA|Rsa|rsa/ || /roles::Signatures::/ || /roles::Seals::(open|seal)\(/ ||
                  /roles::(keeps_key_policy|first_key_fault|member_key_fault|published_key_fault)\(/) {
      sub(/^ *U /, ""); sub(/[[(].*/, ""); gsub(/quickpay::(roles|crypto)::/, ""); gsub(/ /, "_")
      print object, $0
    }' | sort -u
}

# the lines of the first file that the second has not; both: an object and functions, * for all of them
missing_in() {
  awk 'FNR == 1 { file++ }
       /^#/ { next }
       file == 1 { for (i = 2; i <= NF; i++) has[$1 " " $i] = 1; next }
       { for (i = 2; i <= NF; i++) if ($i != "*" && !(($1 " " $i) in has) && !(($1 " *") in has)) print $1 " calls " $i }' "$2" "$1"
}

wanted=clean
for library in "$@"; do
  if [ "$library" = -- ]; then
    wanted=found
    continue
  fi
  found=$(mktemp)
  calls "$library" > "$found"
  if [ "$wanted" = clean ]; then
    surplus=$(missing_in "$found" "$admitted")
    cat "$found" >> "$all"
  else
    surplus=$([ -s "$found" ] || echo "nothing does public-key work, but should")
  fi
  rm -f "$found"
  if [ -n "$surplus" ]; then
    echo "$library: $surplus"
    exit 1
  fi
done
unused=$(missing_in "$admitted" "$all")
if [ -n "$unused" ]; then
  echo "admitted, but no longer so: $unused"
  exit 1
fi
echo "no RSA where none may be"
