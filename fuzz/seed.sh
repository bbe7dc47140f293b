#!/bin/sh
# Copies the fixtures into fuzz/corpus, which git ignores: a fuzzer that starts from real files
# comes further. Run it from anywhere; give a number to change the largest size taken.
set -eu

cd "$(dirname "$0")"
largest=${1:-65536}
mkdir -p corpus/metadata corpus/java_stream corpus/show_json corpus/bodies corpus/heads corpus/sst
# Bodies need a few bytes of choices in front, so a handful was made by hand.
cp seeds/bodies/* corpus/bodies/

seeds=0
for file in $(find ../testdata -name _metadata -size "-${largest}c" | LC_ALL=C sort); do
    name=$(cksum <"$file" | tr ' ' '-')
    cp "$file" "corpus/metadata/$name"
    cp "$file" "corpus/show_json/$name"
    # The properties are the end of the file; the last magic number of a Java stream starts them.
    at=$(LC_ALL=C grep -obUaP '\xAC\xED\x00\x05' "$file" | tail -1 | cut -d: -f1)
    if [ -n "$at" ]; then
        tail -c "+$((at + 1))" "$file" >"corpus/java_stream/$name"
    fi
    seeds=$((seeds + 1))
done
cp ../testdata/sst/*.sst corpus/sst/
# Files of keyed and operator state begin with a version, 5 or 6; their first bytes are heads.
find ../testdata -path '*flink-*' -type f -size "-${largest}c" ! -name '_metadata' ! -name '*.json' |
    LC_ALL=C sort | while read -r file; do
    case $(head -c 4 "$file" | od -An -tx1 | tr -d ' ') in
    00000005 | 00000006) head -c 8192 "$file" >"corpus/heads/$(cksum <"$file" | tr ' ' '-')" ;;
    esac
done
# Every finding of the past is a seed, too.
for finding in regressions/*/*; do
    if [ -f "$finding" ]; then
        cp "$finding" "corpus/$(basename "$(dirname "$finding")")/"
    fi
done
echo "$seeds files, $(ls corpus/java_stream | wc -l) Java streams"
