#!/usr/bin/env bash
# Writes the fixtures of testdata/ with real Flink releases.
# usage: generate.sh                          everything
#        generate.sh RELEASE [SCENARIO...]    all scenarios of one release, or some of them
#        generate.sh synthetic [RELEASE...]    the hand-built files
#        generate.sh sst                       SSTs of many settings
#        generate.sh growth                    a job's checkpoints over time
#        generate.sh states [RELEASE [SCENARIO...]]    states.json of the fixtures as they are, without running jobs
#        generate.sh uids                     the job's jar, compiled SQL plans
# Needs JDK 17, Python 3 with pip, and write access to /data/flink, which must be free for it.
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/flink_env.sh"

RELEASES=(1.13.6 1.14.6 1.15.4 1.16.3 1.17.2 1.18.1 1.19.3 1.20.5 2.0.2 2.1.3 2.2.1 2.3.0)
SYNTHETIC_RELEASES=(1.10.3 1.11.4 1.13.6 1.14.6 1.15.4 1.16.3 1.20.5 2.0.2 2.3.0)
PLAN_RELEASES=(1.15.4 1.17.2 1.20.5 2.3.0)
# State files are kept for these; of the others only those of scenarios about types.
WITH_STATE_FILES=" 1.14.6 1.20.5 2.3.0 "
# Compiled plans came with 1.15; three releases are enough.
WITH_TABLE_JOB=" 1.17.2 1.20.5 2.3.0 "
# Releases whose neighbours write the same bytes: a few scenarios are enough.
SAMPLED_RELEASES=" 1.16.3 1.19.3 2.2.1 "
SAMPLE=(savepoint-canonical-rocksdb savepoint-native-rocksdb checkpoint-hashmap-inline
  checkpoint-rocksdb-incremental unaligned changelog-filesystem
  types-canonical-hashmap types-canonical-rocksdb types-hashmap-compressed types-changelog types-forst-async)
TESTDATA="$(dirname "$GENERATOR_DIR")"
WORK=/data/flink

# What serializers write: these scenarios take part of Flink's table and Scala jars.
is_about_types() {
  [[ $1 == types-* || $1 == table-* ]]
}

# Runs the scenarios of one release (none named: all), then reads their state files with Flink.
run_release() {
  local release=$1 rich=() types=() scenario failed=0
  shift
  fetch_release "$release" || return 1
  mkdir -p "$WORK"
  for scenario in "$@"; do
    if is_about_types "$scenario"; then types+=("$scenario"); else rich+=("$scenario"); fi
  done
  if [ $# -eq 0 ] || [ ${#rich[@]} -gt 0 ]; then
    run_jobs "$release" job fixture.Generator "${rich[@]}" || failed=1
  fi
  if [ $# -eq 0 ] || [ ${#types[@]} -gt 0 ]; then
    ALL_JARS=1 run_jobs "$release" types fixture.TypesGenerator "${types[@]}" || failed=1
  fi
  run_states "$release" "$@" || failed=1
  return $failed
}

# A failing scenario does not stop the others.
run_jobs() {
  local release=$1 name=$2 main=$3 classes log sources
  shift 3
  mapfile -t sources < <(job_sources "$release" "$name")
  classes=$(compile "$release" "$name" "${sources[@]}") || return 1
  log="$FLINK_CACHE/$release/generate-$name.log"
  (cd "$WORK" && run_java "$release" "$classes" "$main" "$release" "$TESTDATA/flink-$release" "$@") 2> "$log"
  local status=$?
  clear_work
  if [[ $WITH_STATE_FILES != *" $release "* ]]; then
    find "$TESTDATA/flink-$release" -type f ! -path '*/types-*' ! -path '*/table-*' \
      ! -name _metadata ! -name flink.json ! -name states.json -delete
    find "$TESTDATA/flink-$release" -type d -empty -delete
  fi
  [ $status -eq 0 ] || echo "$release: something failed, see $log" >&2
  return $status
}

# Writes states.json for the fixtures of one release (no scenarios named: all).
run_states() {
  local release=$1 rich=() types=() scenario failed=0
  shift
  fetch_release "$release" || return 1
  if [ $# -eq 0 ]; then
    for scenario in "$TESTDATA/flink-$release"/*/; do set -- "$@" "$(basename "$scenario")"; done
  fi
  for scenario in "$@"; do
    if is_about_types "$scenario"; then types+=("$scenario"); else rich+=("$scenario"); fi
  done
  [ ${#rich[@]} -eq 0 ] || read_states "$release" states "${rich[@]}" || failed=1
  [ ${#types[@]} -eq 0 ] || ALL_JARS=1 read_states "$release" states-types "${types[@]}" || failed=1
  return $failed
}

read_states() {
  local release=$1 name=$2 classes log sources
  shift 2
  mapfile -t sources < <(job_sources "$release" "$name")
  sources+=("$GENERATOR_DIR"/src/states/*.java)
  classes=$(compile "$release" "$name" "${sources[@]}") || return 1
  log="$FLINK_CACHE/$release/generate-$name.log"
  mkdir -p "$WORK"
  clear_work
  (cd "$WORK" && run_java "$release" "$classes" fixture.StateTruth \
    "$release" "$TESTDATA/flink-$release" "$@") 2> "$log"
  local status=$?
  clear_work
  [ $status -eq 0 ] || echo "$release: something failed, see $log" >&2
  return $status
}

# The job's sources for a release; those about types only where the name asks for them.
job_sources() {
  local generation="flink${1%%.*}" folders=(truth job)
  folders+=("job-$generation")
  if [[ $2 == *types ]]; then
    folders+=(types "types-$generation")
    [[ $WITH_TABLE_JOB != *" $1 "* ]] || folders+=(types-tables)
  fi
  for folder in "${folders[@]}"; do ls "$GENERATOR_DIR/src/$folder"/*.java; done
}

clear_work() {
  rm -rf "$WORK"/{checkpoints,savepoints,changelog,output,tmp}
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

# SSTs that no job of ours writes; of all that are made, those that show something of their own.
# A job's checkpoints over time; its work directory is /data/flink-growth.
run_growth() {
  local release=1.20.5 work=/data/flink-growth classes status=0
  fetch_release "$release" || return 1
  classes=$(compile "$release" growth "$GENERATOR_DIR"/src/growth/*.java) || return 1
  rm -rf "$work" "$TESTDATA/growth"
  mkdir -p "$work"
  (cd "$work" && run_java "$release" "$classes" fixture.GrowthSeries "$TESTDATA/growth") \
    2> "$FLINK_CACHE/$release/generate-growth.log" || status=1
  rm -rf "$work"
  return $status
}

run_sst() {
  local release=2.3.0 classes made name
  fetch_release "$release" || return 1
  classes=$(compile "$release" sst "$GENERATOR_DIR"/src/sst/*.java) || return 1
  made=$(mktemp -d)
  run_java "$release" "$classes" fixture.SstFixtures "$made" 2> "$FLINK_CACHE/$release/generate-sst.log"
  mkdir -p "$TESTDATA/sst"
  for name in v0-crc32c v1-nochecksum v2-xxhash v3-xxhash64 v6-xxh3 compressed-zstd partitioned \
    long-name ingested plain-table; do
    cp "$made/$name".* "$TESTDATA/sst/" || return 1
  done
  rm -r "$made"
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
    classes=$(ALL_JARS=1 compile "$release" plan \
      "$GENERATOR_DIR"/src/truth/Json.java "$GENERATOR_DIR"/src/plan/*.java) || return 1
    ALL_JARS=1 run_java "$release" "$classes" -Dfixture.log.level=OFF fixture.PlanUids "$release" "$uids" || return 1
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
  run_sst || failed=1
  run_growth || failed=1
elif [ "$1" = growth ]; then
  run_growth || failed=1
elif [ "$1" = sst ]; then
  run_sst || failed=1
  run_uids || failed=1
elif [ "$1" = synthetic ]; then
  shift
  [ $# -gt 0 ] || set -- "${SYNTHETIC_RELEASES[@]}"
  for release in "$@"; do run_synthetic "$release" || failed=1; done
elif [ "$1" = states ]; then
  shift
  if [ $# -gt 0 ]; then
    run_states "$@" || failed=1
  else
    for release in "${RELEASES[@]}"; do run_states "$release" || failed=1; done
  fi
elif [ "$1" = uids ]; then
  run_uids || failed=1
else
  run_release "$@" || failed=1
fi
exit $failed
