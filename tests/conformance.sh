#!/usr/bin/env bash
# Measures a fresh instance with the conformance runner.
#
#   tests/conformance.sh [runner options]       default: --tier A
#
# POUET_BIN     the binary (default: target/debug/pouet, or that of CARGO_TARGET_DIR); nothing is built here
# POUET_SHARED  the folder with conformance/ (default: ../shared beside the repository)
# PORT          where the instance listens (default: 8790)
# POPULATE      when set, the instance is filled first with an announcement, people and trends, so that no list of discovery
#               is empty; that takes five minutes
# KEEP          when set, the data folder and its log stay, and their path is printed
#
# Exit code: the runner's (0 all well, 1 something failed, 2 could not run).
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
repository="$(dirname "$here")"
bin="${POUET_BIN:-${CARGO_TARGET_DIR:-$repository/target}/debug/pouet}"
shared="${POUET_SHARED:-$repository/../shared}"
port="${PORT:-8790}"
base="http://localhost:$port"
export AUTHORIZE_PASSWORD="boats in the fog 47"

[ -x "$bin" ] || { echo "$bin does not exist: build pouet first, or set POUET_BIN" >&2; exit 2; }
[ -x "$shared/conformance/run" ] || { echo "no conformance runner in $shared: set POUET_SHARED" >&2; exit 2; }

# Every variable that begins so is a key of the configuration.
for name in "${!POUET_@}"; do unset "$name"; done
data="$(mktemp -d)"
export POUET_DATA_DIR="$data" POUET_LISTEN="127.0.0.1:$port" POUET_URL="$base"
export POUET_FEDERATION__ALLOW_PRIVATE_ADDRESSES="127.0.0.0/8,::1/128" POUET_FEDERATION__ALLOW_HTTP=true
export POUET_RATE_LIMITS__ENABLED=false POUET_REGISTRATIONS__MODE=open

"$bin" serve >"$data/log" 2>&1 &
server=$!
finish() {
    kill -TERM "$server" 2>/dev/null && wait "$server" || true
    if [ -n "${KEEP:-}" ]; then echo "kept: $data"; else rm -rf "$data"; fi
}
trap finish EXIT

for _ in $(seq 300); do
    kill -0 "$server" 2>/dev/null || { cat "$data/log" >&2; exit 2; }
    if curl --silent --fail --output /dev/null "$base/api/v2/instance"; then ready=yes; break; fi
    sleep 0.1
done
[ -n "${ready:-}" ] || { echo "the instance did not answer within 30 s" >&2; tail -50 "$data/log" >&2; exit 2; }

account() {
    local name="$1"
    shift
    "$bin" admin account create "$name" --email "$name@mail.example" --password-stdin "$@" \
        <<<"$AUTHORIZE_PASSWORD" >/dev/null
}
token() { "$bin" admin token create "$1" --scopes "$2"; }

scopes="read write follow push profile"
account captain --owner
for name in ada ben cleo; do account "$name"; done

if [ -n "${POPULATE:-}" ]; then
    tokens=()
    for name in dora emil faye gert hana; do
        account "$name"
        tokens+=("$(token "$name" "$scopes")")
        "$bin" admin suggestion add "$name" >/dev/null
    done
    "$bin" admin announcement create "The harbour is closed on Sunday" >/dev/null
    "$here/clients/populate.py" "$base" "${tokens[@]}" "$(token ada "$scopes")"
fi

[ $# -gt 0 ] || set -- --tier A
status=0
"$shared/conformance/run" --base "$base" \
    --token-a="$(token ada "$scopes")" --token-b="$(token ben "$scopes")" --token-c="$(token cleo "$scopes")" \
    --admin-token="$(token captain "$scopes admin:read admin:write")" \
    --authorize-cmd "$here/clients/authorize.py" "$@" || status=$?
exit "$status"
