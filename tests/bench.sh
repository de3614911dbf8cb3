#!/usr/bin/env bash
# Loads a fresh instance with the bench kit: start-up, memory, follows, inbox, home, actor, posting.
#
#   tests/bench.sh                 on SQLite
#   cargo xtask with-postgres tests/bench.sh postgres
#
# POUET_BIN     the binary (default: target/release/pouet, or that of CARGO_TARGET_DIR); nothing is built here
# POUET_SHARED  the folder with bench/ (default: ../shared beside the repository)
# BENCH_PYTHON  Python with aiohttp, cryptography and uvloop (default: python3)
# PORT          where the instance listens (default: 8791); 127.0.0.2:80 must be free for the remote server
# SECONDS_EACH  how long each load lasts (default: 10)
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
repository="$(dirname "$here")"
bin="${POUET_BIN:-${CARGO_TARGET_DIR:-$repository/target}/release/pouet}"
kit="${POUET_SHARED:-$repository/../shared}/bench"
python="${BENCH_PYTHON:-python3}"
port="${PORT:-8791}"
base="http://127.0.0.1:$port"
database="${POUET_TEST_POSTGRES_URL:-}"

[ -x "$bin" ] || { echo "$bin does not exist: cargo build --release, or set POUET_BIN" >&2; exit 2; }
[ -f "$kit/fakeremote.py" ] || { echo "no bench kit in $kit: set POUET_SHARED" >&2; exit 2; }

for name in "${!POUET_@}"; do unset "$name"; done
data="$(mktemp -d)"
export POUET_DATA_DIR="$data" POUET_LISTEN="127.0.0.1:$port" POUET_URL="$base"
export POUET_FEDERATION__ALLOW_PRIVATE_ADDRESSES="127.0.0.0/8" POUET_FEDERATION__ALLOW_HTTP=true
export POUET_RATE_LIMITS__ENABLED=false
if [ "${1:-sqlite}" = postgres ]; then
    [ -n "$database" ] || { echo "run it by: cargo xtask with-postgres tests/bench.sh postgres" >&2; exit 2; }
    psql --quiet "$database" --command "CREATE DATABASE bench"
    export POUET_DATABASE__URL="${database%/*}/bench"
fi

finish() {
    if [ -f "$data/pid" ]; then
        kill -TERM "$(cat "$data/pid")" 2>/dev/null || true
        for _ in $(seq 100); do [ -d "/proc/$(cat "$data/pid")" ] || break; sleep 0.1; done
    fi
    rm -rf "$data"
    if [ -n "${POUET_DATABASE__URL:-}" ]; then
        psql --quiet "$database" --command "DROP DATABASE bench"
    fi
}
trap finish EXIT

start() {
    rm -f "$data/pid"
    "$python" "$kit/startup.py" "$base/api/v1/instance" "$data/log" "$data/pid" "$bin"
}
stop() {
    local pid
    pid="$(cat "$data/pid")"
    kill -TERM "$pid"
    for _ in $(seq 100); do [ -d "/proc/$pid" ] || return 0; sleep 0.1; done
    echo "the instance did not end" >&2
    exit 1
}
memory() {
    printf '%s: ' "$1"
    "$python" "$kit/mem.py" "$(cat "$data/pid")"
}

echo "== start, empty database"
start
for name in alice bob; do
    "$bin" admin account create "$name" --email "$name@mail.example" --password-stdin \
        <<<"lanterns on the river 31" >/dev/null
done
token="$("$bin" admin token create alice)"
sleep 3
memory "idle, empty"

actor="$(curl --silent "$base/.well-known/webfinger?resource=acct:alice@127.0.0.1:$port" |
    "$python" -c 'import json,sys; print(next(l["href"] for l in json.load(sys.stdin)["links"] if l["rel"]=="self"))')"
remote() {
    "$python" "$kit/fakeremote.py" --key-file "$data/key.pem" --base http://127.0.0.2 --listen 127.0.0.2:80 --api "$base" \
        --token="$token" --target "$actor" --pid "$(cat "$data/pid")" "$@"
}
echo "== follow 50 accounts"
remote --follow
echo "== inbox: 2,000 signed activities of 50 authors"
remote --send 2000 --mark seed
echo "== inbox: 2,000 signed activities of 1 author"
remote --actors 1 --send 2000 --mark one
memory "after the inbox"
echo "== loads"
bash "$kit/load.sh" "$base" "$token" "$actor" @bob "${SECONDS_EACH:-10}"
memory "after the loads"
echo "== start, database of this run"
stop
start
sleep 3
memory "idle, after all"
grep -E ' (WARN|ERROR) ' "$data/log" | sort | uniq -c | sort -rn | head || true
