#!/usr/bin/env bash
# Writes testdata/restore: base snapshots of real jobs, changed jobs, and what real Flink makes of restoring the one
# with the other.
# usage: restore-matrix.sh                                       everything
#        restore-matrix.sh RELEASE...                            some releases
#        restore-matrix.sh RELEASE bases|variants|cases [NAME...]  one step; of the cases only those whose names begin so
# Bases of all releases come first: each release also restores the bases of the others.
# Needs JDK 17, Python 3 with pip, and write access to /data/flink-matrix, which must be free for it. Releases work in
# directories of their own below it, so they may run side by side.
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/flink_env.sh"

RELEASES=(1.17.2 1.20.5 2.3.0)
# These only leave snapshots, which the three above restore.
OTHER_RELEASES=(1.14.6 1.15.4 1.18.1 1.19.3 2.0.2)
TARGET="$(dirname "$GENERATOR_DIR")/restore"

run_step() {
  local release=$1 step=$2 classes log status work=/data/flink-matrix/$1
  # The variants' snapshots name no places, so they may be written beside the rest.
  [ "$step" != variants ] || work=$work-variants
  shift
  fetch_release "$release" || return 1
  classes=$(compile "$release" "matrix-$step" "$GENERATOR_DIR/../../docs/StatescopeJob.java" \
    "$GENERATOR_DIR"/src/{truth,job,matrix}/*.java "$GENERATOR_DIR"/src/restore/{RestoredJob,SnapshotFiles,Tree}.java \
    "$GENERATOR_DIR/src/job-flink${release%%.*}"/*.java) || return 1
  log="$FLINK_CACHE/$release/restore-matrix-$step.log"
  mkdir -p "$work"
  # Failing jobs are the purpose here; their warnings would fill the log.
  (cd "$work" && run_java "$release" "$classes" -Xmx1g -XX:TieredStopAtLevel=1 -Dfixture.base="$work" -Dfixture.models="$work/models" \
    -Dfixture.log.level="${LOG_LEVEL:-OFF}" fixture.Matrix "$release" "$TARGET" "$@") 2> "$log"
  status=$?
  rm -rf "$work"
  [ $status -eq 0 ] || echo "$release: something failed, see also $log" >&2
  return $status
}

failed=0
if [ $# -gt 1 ] && [[ $2 =~ ^(bases|variants|cases)$ ]]; then
  run_step "$@" || failed=1
else
  if [ $# -eq 0 ]; then
    set -- "${RELEASES[@]}"
    for release in "${OTHER_RELEASES[@]}"; do run_step "$release" bases rich changelog-ttl || failed=1; done
  fi
  for step in bases variants cases; do
    for release in "$@"; do run_step "$release" "$step" || failed=1; done
  done
fi
exit $failed
