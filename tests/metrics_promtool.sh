#!/usr/bin/env bash
# promtool accepts the metrics of `growth` and the alerts of docs/metrics.md.
# usage: metrics_promtool.sh STATESCOPE
set -euo pipefail
statescope=$(realpath "$1")
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# The Debian package, unpacked without installing.
promtool=$(command -v promtool || true)
if [ -z "$promtool" ]; then
    (cd "$work" && apt-get -o APT::Sandbox::User=root download -qq prometheus > /dev/null && dpkg -x prometheus_*.deb prometheus)
    promtool="$work/prometheus/usr/bin/promtool"
fi

tests/support/growth_base.sh "$work/base"
"$statescope" growth "$work/base" --by state --limit-bytes 1GiB --quiet -f prometheus -o "$work/metrics.prom"
grep -q '^statescope_job_limit_seconds{' "$work/metrics.prom"
"$promtool" check metrics < "$work/metrics.prom"

sed -n '/^```yaml/,/^```/p' docs/metrics.md | sed -n '/^groups:/,/^```/p' | sed '/^```/d' > "$work/rules.yml"
grep -c 'alert:' "$work/rules.yml" | grep -qx 3
"$promtool" check rules "$work/rules.yml"
