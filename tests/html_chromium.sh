#!/usr/bin/env bash
# Pages of `growth` and `show` in headless Chromium: no request, no console message, nothing that axe
# finds, at 360 and 1,440 pixels, light and dark.
# usage: html_chromium.sh STATESCOPE [SCREENSHOTS]
set -euo pipefail
statescope=$(realpath "$1")
screenshots=${2:+$(realpath -m "$2")}
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
screenshots=${screenshots:-$work/screenshots}
mkdir -p "$screenshots" "$work/pages"

if ! command -v chromium > /dev/null; then
    apt-get install -y -qq --no-install-recommends chromium > /dev/null
fi
npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$work/npm" \
    playwright-core@1.65.1 axe-core@4.14.1

tests/support/growth_base.sh "$work/base"
# Its exit code, its name, the command.
page() {
    local code=0
    "$statescope" "${@:3}" -f html -o "$work/pages/$2.html" 2> "$work/messages" || code=$?
    if [ "$code" -ne "$1" ]; then
        echo "$2: exit code $code" >&2
        cat "$work/messages" >&2
        exit 1
    fi
}
page 0 growth growth "$work/base" --by state --limit-bytes 1MiB
page 0 growth-one-job growth "$work"/base/f9bbe12559cd3c4d6b178213676ddd62
page 0 show-states show testdata/flink-2.3.0/types-canonical-rocksdb/savepoint-*/ --states
page 0 show-subtasks show tests/cli/data/orders --subtasks
page 3 show-hostile show tests/cli/data/hostile
page 1 check-hostile check tests/cli/data/hostile --no-files

node tests/html_chromium.mjs "$work/npm" "$(command -v chromium)" "$work/pages" "$screenshots"
