#!/usr/bin/env bash
# What an engine reads of a history is what statescope recorded.
# usage: history_engines.sh STATESCOPE duckdb|spark     (a program with the feature `history`)
#
# Spark needs Java 17; of its some 50 seconds most are its download.
set -euo pipefail
statescope=$(realpath "$1")
engine=$2
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

declare -A packages=([duckdb]=duckdb==2.0.0 [spark]=pyspark==4.3.0)
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet "${packages[$engine]}"

tests/support/growth_base.sh "$work/base"
# Twice: the second run adds nothing.
for _ in 1 2; do
    "$statescope" growth "$work/base" --by state --record "$work/history" --json > "$work/growth.json"
done
"$work/venv/bin/python" tests/history_engines.py "$engine" "$work"
