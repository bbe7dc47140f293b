#!/bin/sh
# The Azure Blob emulator on loopback for the integration tests, with a container `flink`.
#
#   azurite.sh start DIR   prints the address, for STATESCOPE_TEST_AZURE
#   azurite.sh stop DIR
#   azurite.sh fetch       only fetches the emulator
#
# DIR is emptied and holds everything the server writes. Needs node and npm; the emulator is
# fetched once and kept in STATESCOPE_TEST_CACHE.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
version=3.35.0
cache=${STATESCOPE_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/statescope-tests}/azurite-$version

fetch() {
    [ -e "$cache/complete" ] && return
    rm -rf "$cache"
    mkdir -p "$cache"
    npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$cache" \
        "azurite@$version" >&2
    touch "$cache/complete"
}

start() {
    fetch
    rm -rf "$1"
    mkdir -p "$1/data"
    cd "$1"
    nohup node "$cache/node_modules/azurite/dist/src/blob/main.js" --blobHost 127.0.0.1 \
        --blobPort 0 --skipApiVersionCheck --disableTelemetry --location "$1/data" \
        > "$1/log" 2>&1 < /dev/null &
    echo $! > "$1/pid"
    tries=0
    while ! port=$(sed -n 's/.*listens on http:\/\/127.0.0.1:\([0-9][0-9]*\).*/\1/p' \
        "$1/log" | head -1) || [ -z "$port" ]; do
        tries=$((tries + 1))
        if [ $tries -gt 300 ] || ! kill -0 "$(cat "$1/pid")" 2> /dev/null; then
            echo "the emulator did not start:" >&2
            tail -20 "$1/log" >&2
            stop "$1"
            exit 1
        fi
        sleep 0.2
    done
    node "$here/azurite/container.js" "http://127.0.0.1:$port"
    echo "http://127.0.0.1:$port"
}

stop() {
    if [ -e "$1/pid" ]; then
        kill "$(cat "$1/pid")" 2> /dev/null || true
        rm -f "$1/pid"
    fi
}

case "${1-}" in
    fetch) fetch ;;
    start) mkdir -p "${2:?directory}"; start "$(cd "$2" && pwd)" ;;
    stop) stop "${2:?directory}" ;;
    *) sed -n '2,9p' "$0" >&2; exit 2 ;;
esac
