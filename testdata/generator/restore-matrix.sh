#!/usr/bin/env bash
# Writes testdata/restore: base snapshots of real jobs, changed jobs, and what real Flink makes of restoring the one
# with the other.
# usage: restore-matrix.sh                                       everything
#        restore-matrix.sh RELEASE...                            some releases
#        restore-matrix.sh RELEASE bases|variants|cases [NAME...]  one step; of the cases only those whose names begin so
# Bases of all releases come first: each release also restores the bases of the others.
# Needs JDK 17, Python 3 with pip, and write access to /data/flink-matrix, which must be free for it.
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/flink_env.sh"

RELEASES=(1.17.2 1.20.5 2.3.0)
TARGET="$(dirname "$GENERATOR_DIR")/restore"
WORK=/data/flink-matrix

run_step() {
  local release=$1 classes log status
  shift
  fetch_release "$release" || return 1
  classes=$(compile "$release" matrix "$GENERATOR_DIR/../../docs/StatescopeJob.java" \
    "$GENERATOR_DIR"/src/{truth,job,matrix}/*.java "$GENERATOR_DIR"/src/restore/{SnapshotFiles,Tree}.java \
    "$GENERATOR_DIR/src/job-flink${release%%.*}"/*.java) || return 1
  log="$FLINK_CACHE/$release/restore-matrix.log"
  mkdir -p "$WORK"
  # Failing jobs are the purpose here; their warnings would fill the log.
  (cd "$WORK" && run_java "$release" "$classes" -Xmx1g -Dfixture.base="$WORK" -Dfixture.models="$WORK/models" \
    -Dfixture.log.level="${LOG_LEVEL:-OFF}" fixture.Matrix "$release" "$TARGET" "$@") 2> "$log"
  status=$?
  rm -rf "$WORK"/{checkpoints,savepoints,changelog,output,elsewhere,models,tmp}
  [ $status -eq 0 ] || echo "$release: something failed, see also $log" >&2
  return $status
}

failed=0
if [ $# -gt 1 ] && [[ $2 =~ ^(bases|variants|cases)$ ]]; then
  run_step "$@" || failed=1
else
  [ $# -gt 0 ] || set -- "${RELEASES[@]}"
  for step in bases variants cases; do
    for release in "$@"; do run_step "$release" "$step" || failed=1; done
  done
fi
exit $failed
