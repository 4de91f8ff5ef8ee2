#!/bin/sh
# Runs one fuzzer for a time: fuzz/run.sh TARGET SECONDS [more libFuzzer options]
# Builds it first if need be (clang, build/fuzz). Prints executions and coverage. Fails on a finding, and also if nothing
# was executed or if less code was reached than fuzz/floors.txt demands: a blind fuzzer must not look like a clean one.
# A TARGET that ends in _planted has a bug planted in its harness: there the run succeeds only if the bug is found, and by
# mutation, since it starts from the valid seeds alone. QP_FUZZ_BUILD names another build folder; with QP_FUZZ_BUILT nothing is built.
set -eu

if [ $# -lt 2 ]; then
  sed -n '2,6p' "$0" >&2
  exit 2
fi
target=$1
seconds=$2
shift 2
root=$(cd "$(dirname "$0")/.." && pwd)
build=${QP_FUZZ_BUILD:-$root/build/fuzz}
family=${target%_planted}

cd "$root"
if [ ! -f "$build/CMakeCache.txt" ]; then
  cmake -S . -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=RelWithDebInfo -DQP_FUZZ=ON \
    -DCMAKE_C_COMPILER=clang -DCMAKE_CXX_COMPILER=clang++ >"$root/build/fuzz-configure.log"
fi
if [ -z "${QP_FUZZ_BUILT:-}" ]; then
  cmake --build "$build" --target "$target" "${family}_seeds" >"$build/fuzz-build.log" || { tail -30 "$build/fuzz-build.log"; exit 2; }
fi

corpus=$build/fuzz/corpus/$target
seeds=$build/fuzz/seeds/$family
findings=$build/fuzz/findings/$target
log=$build/fuzz/$target.log
mkdir -p "$corpus" "$findings"
"$build/fuzz/${family}_seeds" "$seeds"
planted=no
if [ "$target" != "$family" ]; then
  planted=yes
  rm -rf "$corpus" "$findings"
  mkdir -p "$corpus" "$findings"
  [ -d "$seeds/valid" ] && seeds=$seeds/valid
fi
dictionary=
[ -f "$build/fuzz/$target.dict" ] && dictionary=-dict=$build/fuzz/$target.dict

regressions=$root/fuzz/regressions/$family
[ -d "$regressions" ] && [ "$planted" = no ] || regressions=
options=$(sed -n "s/^$family [0-9]* *//p" "$root/fuzz/floors.txt")
# Short stacks and a small quarantine: half the memory, and a fifth of the time of a target that allocates much.
ASAN_OPTIONS=${ASAN_OPTIONS:-malloc_context_size=3:quarantine_size_mb=32}
export ASAN_OPTIONS

status=0
# shellcheck disable=SC2086 # no dictionary, no argument
"$build/fuzz/$target" $dictionary $options -max_total_time="$seconds" -print_final_stats=1 -rss_limit_mb=2048 -timeout=10 \
  -artifact_prefix="$findings/" "$@" "$corpus" "$seeds" $regressions >"$log" 2>&1 || status=$?

executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log" | tail -1)
coverage=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$log" | tail -1)
floor=$(sed -n "s/^$family \([0-9]*\).*/\1/p" "$root/fuzz/floors.txt")
echo "$target: ${executions:-0} executions, coverage ${coverage:-0} (floor ${floor:-none}), exit $status, log $log"
if [ "$planted" = yes ]; then
  [ "$status" -ne 0 ] || { echo "the planted bug was not found: the fuzzer is blind"; exit 1; }
  grep -q '^finding:' "$log" || { echo "stopped by something else than the planted bug"; exit 1; }
  [ "${executions:-0}" -gt "$(find "$seeds" -type f | wc -l)" ] || { echo "a seed already shows the bug: no proof"; exit 1; }
  exit 0
fi
if [ "$status" -ne 0 ]; then
  grep -E '^finding:|ERROR: |SUMMARY: ' "$log" || true
  echo "inputs of findings: $findings"
  exit 1
fi
[ "${executions:-0}" -gt 0 ] || { echo "nothing was executed"; exit 1; }
[ -n "$floor" ] || { echo "fuzz/floors.txt has no line for $family"; exit 1; }
[ "${coverage:-0}" -ge "$floor" ] || { echo "less code was reached than the floor demands: the fuzzer is blind"; exit 1; }
