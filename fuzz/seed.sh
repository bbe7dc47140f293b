#!/bin/sh
# Copies the fixtures into fuzz/corpus, which git ignores: a fuzzer that starts from real files
# comes further. Run it from anywhere; give a number to change the largest size taken.
set -eu

cd "$(dirname "$0")"
largest=${1:-65536}
mkdir -p corpus/metadata corpus/java_stream corpus/show_json corpus/bodies corpus/heads corpus/sst \
    corpus/show_states corpus/check corpus/diff
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
# Scripts (tests/support/mutation): the number of a fixture, a byte of choices, and no edit or one of
# each sort. Numbers beyond the last fixture begin anew.
octal() { printf '\\%03o' "$1"; }
script=0
while [ "$script" -lt 512 ]; do
    head="$(octal $((script % 256)))$(octal $((script / 256)))$(octal $((script * 37 % 256)))"
    edit="$(octal $((script % 40)))$(octal $((script * 7 % 256)))$(octal $((script * 13 % 256)))\\000$(octal $((script % 16)))\\000"
    for target in show_states check diff; do
        printf "$head" >"corpus/$target/fixture-$script"
        printf "$head$edit" >"corpus/$target/edit-$script"
    done
    script=$((script + 1))
done
# Every finding of the past is a seed, too.
for finding in regressions/*/*; do
    if [ -f "$finding" ]; then
        cp "$finding" "corpus/$(basename "$(dirname "$finding")")/"
    fi
done
echo "$seeds files, $(ls corpus/java_stream | wc -l) Java streams"
