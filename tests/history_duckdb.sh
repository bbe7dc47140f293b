#!/usr/bin/env bash
# What DuckDB reads of a history is what statescope recorded.
# usage: history_duckdb.sh STATESCOPE     (a program with the feature `history`)
set -euo pipefail
statescope=$(realpath "$1")
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet duckdb

mkdir -p "$work/base"
for file in testdata/growth/*/*.metadata; do
    job=$(basename "$(dirname "$file")")
    directory="$work/base/$job/$(basename "$file" .metadata)"
    mkdir -p "$directory"
    cp "$file" "$directory/_metadata"
done
# Twice: the second run adds nothing.
for _ in 1 2; do
    "$statescope" growth "$work/base" --by state --record "$work/history" --json > "$work/growth.json"
done
"$work/venv/bin/python" - "$work" << 'PYTHON'
import json, sys
import duckdb

work = sys.argv[1]
jobs = json.load(open(f"{work}/growth.json"))["data"]["jobs"]
connection = duckdb.connect()
connection.execute(
    f"CREATE VIEW history AS SELECT * FROM read_parquet('{work}/history/*/*/*.parquet', hive_partitioning = true)"
)
def one(query):
    return connection.execute(query).fetchone()

points = [point for job in jobs for point in job["series"]]
expected = (len(points), sum(p["state_bytes"] for p in points), sum(p["metadata_bytes"] for p in points))
found = one("SELECT count(*), sum(state_bytes), sum(metadata_bytes) FROM history WHERE level = 'snapshot'")
assert found == expected, (found, expected)

operators = [v for job in jobs for op in job["operators"] for v in op["values"] if v is not None]
found = one("SELECT count(*), sum(state_bytes) FROM history WHERE level = 'operator'")
assert found == (len(operators), sum(operators)), found

states = [v for job in jobs for op in job["operators"] for s in op["states"] for v in s["values"] if v is not None]
found = one("SELECT count(*), sum(state_bytes) FROM history WHERE level = 'state'")
assert found == (len(states), sum(states)), found

found = one("SELECT count(DISTINCT job), count(DISTINCT job_id), typeof(any_value(time)) FROM history")
assert found[:2] == (2, 2) and found[2].startswith("TIMESTAMP"), found
print(f"{len(points)} snapshots, {len(operators)} operators, {len(states)} states: the same sums")
PYTHON
