#!/usr/bin/env bash
# Real Flink proof of retention: real jobs leave checkpoints and savepoints that depend on each other (a chain of ten
# with shared files, a rescale, claimed and no-claim restores, a claimed native savepoint, changelog, file merging,
# entropy in the paths of state); for each of seven policies, `retention plan` and `apply` run, and real Flink restores
# every snapshot that was kept. Then `apply` runs while a job goes on making checkpoints.
# usage: retention_restores.sh STATESCOPE [RELEASE...]
# Fails where a kept snapshot is not restored with the state it had, or a file is gone that it needs.
# Needs JDK 17, Python 3 with pip, and write access to /data/flink-retention, which must be free for it.
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/../testdata/generator/flink_env.sh"

WORK=/data/flink-retention

if [ $# -lt 1 ]; then
  sed -n '6s/^# //p' "$0" >&2
  exit 2
fi
statescope=$(realpath "$1")
shift
[ $# -gt 0 ] || set -- 1.20.5 2.3.0

failed=0
for release in "$@"; do
  fetch_release "$release" || exit 1
  classes=$(compile "$release" retention "$GENERATOR_DIR"/src/{truth,job,restore,retention}/*.java \
    "$GENERATOR_DIR/src/job-flink${release%%.*}"/*.java) || exit 1
  log="$FLINK_CACHE/$release/retention.log"
  : > "$log"
  mkdir -p "$WORK"
  for program in RetentionRestores RetentionWhileRunning; do
    (cd "$WORK" && run_java "$release" "$classes" -Dfixture.base="$WORK" -Dfixture.log.level=OFF \
      "fixture.$program" "$release" "$statescope") 2>> "$log" || {
      failed=1
      echo "$release: something failed; see also $log" >&2
    }
    rm -rf "${WORK:?}"/*
  done
done
exit $failed
