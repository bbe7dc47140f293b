#!/usr/bin/env bash
# What every release makes of the snapshots of every other: the same job, its state in all forms.
# usage: restore-pairs.sh bases|attempts [RELEASE...]    (none: all)
#        restore-pairs.sh pack                           writes testdata/restore/pairs from what the two left behind
# Bases of all releases come first. Results are kept line by line: a run that was cut off goes on where it stopped.
# Needs JDK 17, Python 3 with pip, and write access to /data/flink-pairs, which must be free for it.
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/flink_env.sh"

RELEASES=(1.13.6 1.14.6 1.15.4 1.16.3 1.17.2 1.18.1 1.19.3 1.20.5 2.0.2 2.1.3 2.2.1 2.3.0)
ROOT=/data/flink-pairs

run_release() {
  local release=$1 step=$2 classes work later=("$GENERATOR_DIR/../../docs/StatescopeJob.java" "$GENERATOR_DIR"/src/pairs-rpc/*.java)
  # These need what came with 1.14.
  case $release in 1.13.*) later=() ;; esac
  fetch_release "$release" || return 1
  classes=$(compile "$release" pairs "${later[@]}" \
    "$GENERATOR_DIR"/src/{truth,job,pairs}/*.java "$GENERATOR_DIR"/src/matrix/Chain.java \
    "$GENERATOR_DIR"/src/restore/{RestoredJob,SnapshotFiles,Tree}.java \
    "$GENERATOR_DIR/src/job-flink${release%%.*}"/*.java) || return 1
  if [ ${#later[@]} -gt 0 ]; then
    mkdir -p "$classes/META-INF/services"
    echo fixture.SharedRpcSystem > "$classes/META-INF/services/org.apache.flink.runtime.rpc.RpcSystemLoader"
  fi
  # What a reader writes itself lies apart from what it reads.
  work=$ROOT/$release
  [ "$step" = bases ] || work=$ROOT/attempts/$release
  mkdir -p "$work"
  # Failing jobs are the purpose here; their warnings would fill the log.
  (cd "$work" && run_java "$release" "$classes" -Xmx1g -XX:TieredStopAtLevel=1 -Dfixture.base="$work" \
    -Dfixture.log.level="${LOG_LEVEL:-OFF}" fixture.Pairs "$release" "$step" ${SCENARIOS:-}) \
    2> "$FLINK_CACHE/$release/restore-pairs-$step.log" | tee "$FLINK_CACHE/$release/restore-pairs-$step.out"
  rm -rf "$ROOT/attempts/$release" "$ROOT/$release/tmp"
  grep -qx done "$FLINK_CACHE/$release/restore-pairs-$step.out"
}

step=${1:?bases, attempts or pack}
shift
if [ "$step" = pack ]; then
  exec python3 "$GENERATOR_DIR/pack_pairs.py" "$ROOT" "$(dirname "$GENERATOR_DIR")/restore/pairs"
fi
[ $# -gt 0 ] || set -- "${RELEASES[@]}"
failed=0
for release in "$@"; do run_release "$release" "$step" || failed=1; done
exit $failed
