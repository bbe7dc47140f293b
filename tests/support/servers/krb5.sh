#!/bin/sh
# A Kerberos KDC on loopback for the integration tests, from Debian's packages, not installed.
#
#   krb5.sh start DIR   with nn/localhost and HTTP/localhost in DIR/server.keytab, and the user
#                       flink in DIR/flink.keytab; DIR/environment sets what clients need
#   krb5.sh stop DIR
#   krb5.sh fetch       only fetches the packages
#
# Needs apt-get and dpkg. The packages are kept in STATESCOPE_TEST_CACHE.
set -eu

cache=${STATESCOPE_TEST_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/statescope-tests}/krb5
realm=EXAMPLE.COM

fetch() {
    [ -e "$cache/complete" ] && return
    rm -rf "$cache"
    mkdir -p "$cache/packages"
    cd "$cache/packages"
    apt-get download -qq krb5-kdc krb5-user krb5-admin-server libkrb5-3 libgssapi-krb5-2 \
        libkrb5support0 libk5crypto3 libgssrpc4 libkdb5-10 libkadm5srv-mit12 libkadm5clnt-mit12 \
        libverto1 libverto-libev1 libev4 >&2
    for package in ./*.deb; do
        dpkg -x "$package" "$cache/root"
    done
    rm -rf "$cache/packages"
    touch "$cache/complete"
}

start() {
    fetch
    libraries=$(dirname "$(find "$cache/root" -name libkrb5.so.3 | head -1)")
    port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    cat > "$1/krb5.conf" <<CONF
[libdefaults]
    default_realm = $realm
    dns_lookup_kdc = false
    dns_lookup_realm = false
    dns_canonicalize_hostname = false
    rdns = false
    udp_preference_limit = 1
    default_ccache_name = FILE:$1/ticket
[realms]
    $realm = {
        kdc = 127.0.0.1:$port
    }
[dbmodules]
    db_module_dir = $libraries/krb5/plugins/kdb
CONF
    cat > "$1/kdc.conf" <<CONF
[kdcdefaults]
    kdc_listen = 127.0.0.1:$port
    kdc_tcp_listen = 127.0.0.1:$port
[realms]
    $realm = {
        database_name = $1/principals
        key_stash_file = $1/stash
        max_life = 1h
    }
CONF
    cat > "$1/environment" <<CONF
export KRB5_CONFIG=$1/krb5.conf KRB5_KDC_PROFILE=$1/kdc.conf LD_LIBRARY_PATH=$libraries
export PATH=$cache/root/usr/bin:$cache/root/usr/sbin:$PATH
CONF
    . "$1/environment"
    {
        kdb5_util create -s -r $realm -P unimportant
        for principal in nn/localhost HTTP/localhost; do
            kadmin.local -r $realm -q "addprinc -randkey $principal"
            kadmin.local -r $realm -q "ktadd -k $1/server.keytab $principal"
        done
        kadmin.local -r $realm -q "addprinc -randkey flink"
        kadmin.local -r $realm -q "ktadd -k $1/flink.keytab flink"
    } > "$1/kdc.log" 2>&1 || { cat "$1/kdc.log" >&2; exit 1; }
    nohup krb5kdc -n -r $realm >> "$1/kdc.log" 2>&1 < /dev/null &
    echo $! > "$1/kdc.pid"
    tries=0
    while ! kinit -k -t "$1/flink.keytab" -c "FILE:$1/first" flink 2> "$1/kinit.log"; do
        tries=$((tries + 1))
        if [ $tries -gt 50 ] || ! kill -0 "$(cat "$1/kdc.pid")" 2> /dev/null; then
            echo "the KDC did not start:" >&2
            tail -20 "$1/kdc.log" "$1/kinit.log" >&2
            stop "$1"
            exit 1
        fi
        sleep 0.2
    done
}

stop() {
    if [ -e "$1/kdc.pid" ]; then
        kill "$(cat "$1/kdc.pid")" 2> /dev/null || true
        rm -f "$1/kdc.pid"
    fi
}

case "${1-}" in
    fetch) fetch ;;
    start) mkdir -p "${2:?directory}"; start "$(cd "$2" && pwd)" ;;
    stop) stop "${2:?directory}" ;;
    *) sed -n '2,10p' "$0" >&2; exit 2 ;;
esac
