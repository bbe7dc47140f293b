#!/usr/bin/env bash
# Writes the fixtures of testdata/ with real Flink releases.
# usage: generate.sh                          everything
#        generate.sh RELEASE [SCENARIO...]    all scenarios of one release, or some of them
#        generate.sh synthetic [RELEASE...]    the hand-built files
#        generate.sh uids                     the job's jar, compiled SQL plans
# Needs JDK 17, Python 3 with pip, and write access to /data/flink, which must be free for it.
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/flink_env.sh"

RELEASES=(1.13.6 1.14.6 1.15.4 1.16.3 1.17.2 1.18.1 1.19.3 1.20.5 2.0.2 2.1.3 2.2.1 2.3.0)
SYNTHETIC_RELEASES=(1.10.3 1.11.4 1.13.6 1.14.6 1.15.4 1.16.3 1.20.5 2.0.2 2.3.0)
PLAN_RELEASES=(1.15.4 1.17.2 1.20.5 2.3.0)
# State files are kept for these; of the others only what lies in the metadata file itself.
WITH_STATE_FILES=" 1.14.6 1.20.5 2.3.0 "
# Releases whose neighbours write the same bytes: a few scenarios are enough.
SAMPLED_RELEASES=" 1.16.3 1.19.3 2.2.1 "
SAMPLE=(savepoint-canonical-rocksdb savepoint-native-rocksdb checkpoint-hashmap-inline
  checkpoint-rocksdb-incremental unaligned changelog-filesystem)
TESTDATA="$(dirname "$GENERATOR_DIR")"
WORK=/data/flink

# Runs the job of one release; a failing scenario does not stop the others.
run_release() {
  local release=$1 classes log
  shift
  fetch_release "$release" || return 1
  classes=$(compile "$release" job "$GENERATOR_DIR"/src/truth/*.java "$GENERATOR_DIR"/src/job/*.java \
    "$GENERATOR_DIR/src/job-flink${release%%.*}"/*.java) || return 1
  log="$FLINK_CACHE/$release/generate.log"
  mkdir -p "$WORK"
  (cd "$WORK" &&
    run_java "$release" "$classes" fixture.Generator "$release" "$TESTDATA/flink-$release" "$@") 2> "$log"
  local status=$?
  rm -rf "$WORK"/{checkpoints,savepoints,changelog,output,tmp}
  if [[ $WITH_STATE_FILES != *" $release "* ]]; then
    find "$TESTDATA/flink-$release" -type f ! -name _metadata ! -name flink.json -delete
    find "$TESTDATA/flink-$release" -type d -empty -delete
  fi
  [ $status -eq 0 ] || echo "$release: something failed, see $log" >&2
  return $status
}

run_synthetic() {
  local release=$1 classes
  fetch_release "$release" || return 1
  classes=$(compile "$release" synthetic "$GENERATOR_DIR"/src/{truth,synthetic}/*.java) || return 1
  mkdir -p "$WORK"
  (cd "$WORK" && run_java "$release" "$classes" -Dfixture.log.level=OFF \
    fixture.SyntheticMetadata "$release" "$TESTDATA/synthetic")
  local status=$?
  rm -rf "$WORK/synthetic"
  return $status
}

# The classes of the job alone, and compiled SQL plans with the ids that Flink makes of them.
run_uids() {
  local classes release uids="$TESTDATA/uids"
  mkdir -p "$uids"
  fetch_release 1.20.5 || return 1
  classes=$(compile 1.20.5 job "$GENERATOR_DIR"/src/truth/*.java "$GENERATOR_DIR"/src/job/*.java \
    "$GENERATOR_DIR/src/job-flink1"/*.java) || return 1
  # One date for all entries: the same classes give the same jar.
  (cd "$classes" && rm -f "$uids/job.jar" &&
    jar --create --no-manifest --date=2024-01-01T00:00:00Z --file "$uids/job.jar" fixture) || return 1
  for release in "${PLAN_RELEASES[@]}"; do
    fetch_release "$release" || return 1
    classes=$(with_tables=1 compile "$release" plan \
      "$GENERATOR_DIR"/src/truth/Json.java "$GENERATOR_DIR"/src/plan/*.java) || return 1
    with_tables=1 run_java "$release" "$classes" -Dfixture.log.level=OFF fixture.PlanUids "$release" "$uids" || return 1
  done
}

failed=0
if [ $# -eq 0 ]; then
  for release in "${RELEASES[@]}"; do
    scenarios=()
    [[ $SAMPLED_RELEASES != *" $release "* ]] || scenarios=("${SAMPLE[@]}")
    run_release "$release" "${scenarios[@]}" || failed=1
  done
  for release in "${SYNTHETIC_RELEASES[@]}"; do run_synthetic "$release" || failed=1; done
  run_uids || failed=1
elif [ "$1" = synthetic ]; then
  shift
  [ $# -gt 0 ] || set -- "${SYNTHETIC_RELEASES[@]}"
  for release in "$@"; do run_synthetic "$release" || failed=1; done
elif [ "$1" = uids ]; then
  run_uids || failed=1
else
  run_release "$@" || failed=1
fi
exit $failed
