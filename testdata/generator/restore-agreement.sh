#!/usr/bin/env bash
# Compares `statescope check` with real restores: makes snapshots, removes or cuts one needed file after the other,
# and asks both statescope and Flink. One tab-separated line per question, a count per release at the end.
# usage: restore-agreement.sh STATESCOPE [RELEASE [SCENARIO...]]
# Fails where statescope calls a snapshot restorable that Flink cannot restore, or an intact one does not please both.
# FILES_PER_SCENARIO (12) bounds the work: 5 to 8 minutes per release.
# Needs JDK 17, Python 3 with pip, and write access to /data/flink, which must be free for it.
set -uo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/flink_env.sh"

RELEASES=(1.14.6 1.20.5 2.3.0)
WORK=/data/flink

if [ $# -lt 1 ]; then
  sed -n '4s/^# //p' "$0" >&2
  exit 2
fi
statescope=$(realpath "$1")
shift

run_release() {
  local release=$1 classes log status
  shift
  fetch_release "$release" || return 1
  classes=$(compile "$release" restore "$GENERATOR_DIR"/src/{truth,job,restore}/*.java \
    "$GENERATOR_DIR/src/job-flink${release%%.*}"/*.java) || return 1
  log="$FLINK_CACHE/$release/restore-agreement.log"
  mkdir -p "$WORK"
  # Failing jobs are the purpose here; their warnings would fill the log.
  (cd "$WORK" && run_java "$release" "$classes" -Dfixture.log.level=OFF \
    fixture.RestoreAgreement "$release" "$statescope" "${FILES_PER_SCENARIO:-12}" "$@") 2> "$log"
  status=$?
  rm -rf "$WORK"/{checkpoints,savepoints,changelog,output,tmp}
  [ $status -eq 0 ] || echo "$release: they disagree, or something failed; see also $log" >&2
  return $status
}

failed=0
if [ $# -gt 0 ]; then
  run_release "$@" || failed=1
else
  for release in "${RELEASES[@]}"; do run_release "$release" || failed=1; done
fi
exit $failed
