#!/usr/bin/env bash
# Runs suites on the reference with N seeds, with one worker and with many, and compares the verdicts:
#   same_verdicts.sh [N [ROLE...]]
set -euo pipefail
cd "$(dirname "$0")/../.."
quickpay=${QUICKPAY:-build/release/quickpay}
runs=${1:-20}
shift || true
[ $# -gt 0 ] || set -- host broker vendor wallet
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# certify ROLE NAME OPTION…: the verdicts of one run in NAME.verdicts
certify() {
  local role=$1 name=$2 code=0
  shift 2
  "$quickpay" certify --role "$role" --reference --out "$work/$name" "$@" >"$work/$name.said" || code=$?
  python3 - "$work/$name/report.json" >"$work/$name.verdicts" <<'PY'
import json, sys
report = json.load(open(sys.argv[1]))
for check in sorted((c["scenario"], c["id"], c["verdict"]) for c in report["checks"]):
    print(*check)
PY
  if [ "$code" -ne 0 ]; then
    echo "$name: exit code $code of certify $*" >&2
    tail -n 40 "$work/$name.said" >&2
    exit 1
  fi
  rm -r "${work:?}/$name"
}
for role in "$@"; do
  certify "$role" "$role-alone" --seed 1 --jobs 1
  [ -s "$work/$role-alone.verdicts" ] || { echo "no verdicts for $role" >&2; exit 1; }
  for seed in $(seq 1 "$runs"); do
    certify "$role" "$role-$seed" --seed "$seed" --jobs 4
    diff "$work/$role-alone.verdicts" "$work/$role-$seed.verdicts" >&2 || { echo "$role: seed $seed has other verdicts" >&2; exit 1; }
  done
  # The twin: one other verdict, and the comparison is red.
  sed '1s/ pass$/ fail/' "$work/$role-alone.verdicts" >"$work/other"
  ! cmp -s "$work/$role-alone.verdicts" "$work/other" || { echo "another verdict is not seen" >&2; exit 1; }
  echo "$role: $(wc -l <"$work/$role-alone.verdicts") verdicts, the same with one worker and for $runs seeds with four"
done
