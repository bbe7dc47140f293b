#!/bin/sh
# statescope on HDFS as clusters in production are: two NameNodes with a failover between them,
# and Kerberos. One command, nothing to start before:
#
#   tests/hdfs_ha_kerberos.sh [STATESCOPE]
#
# Takes less than a minute, and for the first time also what it takes to fetch 80 MB of jars and
# packages. Needs Java 11 or later with javac, Python 3 with pip, and Debian's apt-get; nothing is
# installed. All processes listen on loopback only and end with this one. STATESCOPE is the
# program; without it, it is built.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
servers=$here/support/servers
jars=${STATESCOPE_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/statescope-tests}/hdfs-3.3.6
scratch=$(mktemp -d)
java_pid=

cleanup() {
    [ -z "$java_pid" ] || stop_cluster
    "$servers/krb5.sh" stop "$scratch/kerberos" || true
    rm -rf "$scratch"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

if [ $# -gt 0 ]; then
    program=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
else
    cargo build --quiet --bin statescope
    program=${CARGO_TARGET_DIR:-$here/../target}/debug/statescope
fi

"$servers/hdfs.sh" fetch
"$servers/krb5.sh" fetch
mkdir "$scratch/classes" "$scratch/upload" "$scratch/kerberos"
javac -proc:none -cp "$jars/jars/*" -d "$scratch/classes" "$servers/hdfs/HdfsCluster.java"

cat > "$scratch/classes/log4j.properties" <<LOG
log4j.rootLogger=WARN, out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=%p %c{1}: %m%n
LOG

# Two checkpoints with shared files; the stand-in is as long as what it stands for.
root=hdfs:///e2eflink
mkdir -p "$scratch/upload/e2eflink"
cp -R "$here/../testdata/flink-2.3.0/checkpoint-rocksdb-incremental" \
    "$scratch/upload/e2eflink/checkpoints"
find "$scratch/upload" -name _metadata -exec sed -i -b "s#file:/data/flink#$root#g" {} \;

# start_cluster MODE: an HDFS in $scratch/MODE
start_cluster() {
    cluster=$scratch/$1
    mkdir -p "$cluster"
    java -Xmx768m -Djava.security.krb5.conf="$cluster/krb5.conf" \
        -cp "$scratch/classes:$jars/classes:$jars/jars/*" HdfsCluster "$1" "$cluster" \
        "$scratch/upload" > "$cluster/log" 2>&1 < /dev/null &
    java_pid=$!
    wait_for test -e "$cluster/ready"
}

stop_cluster() {
    kill "$java_pid" 2> /dev/null || true
    wait "$java_pid" 2> /dev/null || true
    java_pid=
}

# ask WHAT: lets the cluster do something, and waits until it has
ask() {
    touch "$cluster/$1"
    wait_for test ! -e "$cluster/$1"
}

wait_for() {
    tries=0
    until "$@"; do
        tries=$((tries + 1))
        if [ $tries -gt 300 ] || ! kill -0 "$java_pid" 2> /dev/null; then
            echo "FAILED: the cluster is not ready ($*)" >&2
            tail -30 "$cluster/log" >&2
            exit 1
        fi
        sleep 0.2
    done
}

# expect CODE SECONDS WORDS ARGUMENT...: the program exits so, in that time, and says these words
expect() {
    code=$1 seconds=$2 words=$3
    shift 3
    begun=$(date +%s)
    got=0
    "$program" "$@" > "$scratch/stdout" 2> "$scratch/stderr" || got=$?
    took=$(($(date +%s) - begun))
    if [ $got -ne "$code" ] || [ $took -gt "$seconds" ] \
        || ! grep -q -e "$words" "$scratch/stdout" "$scratch/stderr"; then
        echo "FAILED: statescope $*" >&2
        echo "exit code $got after $took s; expected $code in $seconds s, and: $words" >&2
        cat "$scratch/stdout" "$scratch/stderr" >&2
        exit 1
    fi
    if [ "$code" -gt 1 ] && [ "$code" -ne 7 ] && [ "$(wc -l < "$scratch/stderr")" -gt 2 ]; then
        echo "FAILED: statescope $*: more than an error and a hint" >&2
        cat "$scratch/stderr" >&2
        exit 1
    fi
    echo "ok: $* ($code, $took s): $(head -1 "$scratch/stderr")"
}

# reads BASE: everything works there
reads() {
    expect 0 20 '"status": "complete"' list "$1/checkpoints" --json
    expect 0 20 '"verdict": "restorable"' check "$1/checkpoints@latest" --json
    expect 0 20 rich-keyed show "$1/checkpoints@chk-3"
}

address_of() {
    sed -n "s/.*<name>dfs.namenode.rpc-address.prod.$1<\/name><value>\([^<]*\)<.*/\1/p" \
        "$cluster/conf/core-site.xml"
}

echo "== two NameNodes"
start_cluster ha
export HADOOP_CONF_DIR="$cluster/conf"
reads hdfs://prod/e2eflink
reads "$root"
standby='the NameNode is on standby'
expect 6 8 "$standby" list "hdfs://$(address_of nn2)/e2eflink" --timeout 5
expect 6 8 "$standby" check "hdfs://$(address_of nn2)/e2eflink@latest" --timeout 5
(
    unset HADOOP_CONF_DIR
    expect 6 8 "$standby" show "hdfs://$(address_of nn2)/e2eflink/chk-1" --timeout 5
)
ask failover
reads hdfs://prod/e2eflink
expect 6 8 "$standby" list "hdfs://$(address_of nn1)/e2eflink" --timeout 5
ask stop-first
reads hdfs://prod/e2eflink

echo "== no DataNode"
ask stop-data
# Names are still there, contents are not; what cannot be read is not passed off as missing.
expect 6 30 'no DataNode delivers' show hdfs://prod/e2eflink/checkpoints@chk-3 --timeout 5
expect 6 30 'no DataNode delivers' check hdfs://prod/e2eflink/checkpoints@latest --timeout 5
expect 7 60 '"status": "unreadable"' list hdfs://prod/e2eflink/checkpoints --json --timeout 5
stop_cluster

echo "== Kerberos"
"$servers/krb5.sh" start "$scratch/kerberos"
. "$scratch/kerberos/environment"
start_cluster kerberos
export HADOOP_CONF_DIR="$cluster/conf"
export KRB5CCNAME="FILE:$scratch/ticket"
no_ticket='no valid Kerberos ticket'
expect 6 8 "$no_ticket" list "$root" --timeout 5
expect 6 8 "$no_ticket" show "$root/checkpoints@latest" --timeout 5
kinit -k -t "$cluster/flink.keytab" flink
reads "$root"
place=$(sed -n 's/.*<name>fs.defaultFS<\/name><value>\([^<]*\)<.*/\1/p' "$cluster/conf/core-site.xml")
reads "$place/e2eflink"
kdestroy -q
kinit -l 2s -k -t "$cluster/flink.keytab" flink
sleep 3
expect 6 8 "$no_ticket" list "$root" --timeout 5
expect 6 8 "$no_ticket" check "$root/checkpoints@latest" --timeout 5
# With a keytab in place of a ticket.
export KRB5CCNAME="FILE:$scratch/none"
expect 0 20 '"status": "complete"' list "$root" --json \
    --storage-option kerberos.principal=flink@EXAMPLE.COM \
    --storage-option kerberos.keytab="$cluster/flink.keytab"
# A client that does not know that the cluster wants Kerberos.
(
    unset HADOOP_CONF_DIR
    expect 6 8 'if the cluster uses Kerberos, set HADOOP_CONF_DIR' list "$place/e2eflink" --timeout 5
)
stop_cluster
echo "all of it worked"
