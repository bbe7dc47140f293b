#!/usr/bin/env bash
# Lays out the series of testdata/growth as a cluster would have it, an hour between checkpoints.
# usage: growth_base.sh DIR
set -euo pipefail
for file in "$(dirname "$0")"/../../testdata/growth/*/*.metadata; do
    directory="$1/$(basename "$(dirname "$file")")/$(basename "$file" .metadata)"
    mkdir -p "$directory"
    cp "$file" "$directory/_metadata"
    number=$(basename "$file" .metadata)
    touch -d "2026-09-01T00:00:00Z + ${number#chk-} hours" "$directory/_metadata"
done
