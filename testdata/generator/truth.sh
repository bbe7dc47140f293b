#!/usr/bin/env bash
# Says what the loader of a Flink release makes of metadata files, one JSON line per file.
# usage: truth.sh RELEASE FILE...     ("-" reads file names from stdin)
set -euo pipefail
. "$(dirname "${BASH_SOURCE[0]}")/flink_env.sh"

if [ $# -lt 2 ]; then
  sed -n '2,3s/^# //p' "$0" >&2
  exit 2
fi
release=$1
fetch_release "$release" >&2
classes="$FLINK_CACHE/$release/classes-truth"
# Compiled once: this script is called often.
if [ ! -e "$classes/fixture/FlinkTruth.class" ] ||
  [ -n "$(find "$GENERATOR_DIR/src/truth" -newer "$classes/fixture/FlinkTruth.class")" ]; then
  compile "$release" truth "$GENERATOR_DIR"/src/truth/*.java > /dev/null
fi
run_java "$release" "$classes" -Dfixture.log.level=OFF fixture.FlinkTruth "$@"
