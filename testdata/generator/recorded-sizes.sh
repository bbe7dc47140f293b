#!/usr/bin/env bash
# Does Flink go by the sizes that handles record, or by the files? Makes snapshots, records other sizes for their files
# and restores them: tab-separated lines of release, scenario, what is recorded (none: as it was; zero; less: one byte
# less; more: 1000 bytes more), handles, outcome, and whether the state is that of the intact snapshot.
# usage: recorded-sizes.sh [RELEASE [SCENARIO...]]       writes ../restore/recorded-sizes.tsv without arguments
# Needs JDK 17, Python 3 with pip, and write access to /data/flink, which must be free for it.
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/flink_env.sh"

RELEASES=(1.14.6 1.20.5 2.3.0)
WORK=/data/flink

run_release() {
  local release=$1 classes status
  shift
  fetch_release "$release" || return 1
  classes=$(compile "$release" sizes "$GENERATOR_DIR"/src/{truth,job,restore}/*.java \
    "$GENERATOR_DIR/src/job-flink${release%%.*}"/*.java) || return 1
  mkdir -p "$WORK"
  (cd "$WORK" && run_java "$release" "$classes" -Dfixture.log.level=OFF \
    fixture.RecordedSizes "$release" "$@") 2> "$FLINK_CACHE/$release/recorded-sizes.log"
  status=$?
  rm -rf "$WORK"/{checkpoints,savepoints,changelog,output,tmp}
  return $status
}

if [ $# -gt 0 ]; then
  run_release "$@"
else
  for release in "${RELEASES[@]}"; do run_release "$release" || exit 1; done \
    > "$GENERATOR_DIR/../restore/recorded-sizes.tsv"
fi
