#!/usr/bin/env bash
# Writes testdata/rest: what the REST endpoint of a real cluster answers about a running job.
# usage: rest.sh [RELEASE...]
#        rest.sh --keep RELEASE    keeps the cluster and prints the job's URL, until the input ends
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/flink_env.sh"

keep=()
if [ "${1:-}" = --keep ]; then
  keep=(keep)
  shift
fi
[ $# -gt 0 ] || set -- 1.17.2 1.20.5 2.3.0
target="$(dirname "$GENERATOR_DIR")/rest"
mkdir -p "$target"
for release in "$@"; do
  fetch_release "$release" >&2
  classes=$(compile "$release" rest "$GENERATOR_DIR"/src/rest/*.java)
  run_java "$release" "$classes" -Dfixture.log.level="${LOG_LEVEL:-OFF}" fixture.RestAnswers "$target" "flink-$release" "${keep[@]}"
done
