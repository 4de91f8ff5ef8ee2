#!/usr/bin/env bash
# Runs every role's suite on the reference with N seeds and compares the verdicts: same_verdicts.sh [N]
set -euo pipefail
cd "$(dirname "$0")/../.."
runs=${1:-20}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for role in host broker vendor wallet; do
  for seed in $(seq 1 "$runs"); do
    build/release/quickpay certify --role "$role" --reference --seed "$seed" --out "$work/$role-$seed" >/dev/null
    python3 - "$work/$role-$seed/report.json" >"$work/$role-$seed.verdicts" <<'PY'
import json, sys
report = json.load(open(sys.argv[1]))
for check in sorted((c["scenario"], c["id"], c["verdict"]) for c in report["checks"]):
    print(*check)
PY
    cmp "$work/$role-1.verdicts" "$work/$role-$seed.verdicts"
  done
  [ -s "$work/$role-1.verdicts" ] || { echo "no verdicts for $role" >&2; exit 1; }
  echo "$role: $(wc -l <"$work/$role-1.verdicts") verdicts, the same for $runs seeds"
done
