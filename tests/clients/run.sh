#!/usr/bin/env bash
# Runs real clients against a server with the accounts ada and ben.
#
#   BASE=http://localhost:8080 AUTHORIZE_PASSWORD=... tests/clients/run.sh [mastodonpy] [toot]
#
# POUET_TEST_PYTHON names an interpreter that has them (`cargo xtask test` makes one). Without it they are installed
# once into ${XDG_CACHE_HOME:-~/.cache}/pouet-clients. Exit code: 0 when all went well, 3 when the clients cannot be
# installed.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
: "${BASE:?the address of the server}" "${AUTHORIZE_PASSWORD:?the password of ada and ben}"

# Prints the interpreter of a virtual environment with the clients.
install() {
    local cache="${XDG_CACHE_HOME:-$HOME/.cache}/pouet-clients" venv
    venv="$cache/venv-$(sha256sum "$here/requirements.txt" | cut -c1-12)"
    mkdir -p "$cache"
    exec 9>"$cache/lock"
    flock 9
    if [ ! -f "$venv/ready" ]; then
        python3 -m venv --clear "$venv" >&2 || return
        "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt" >&2 || return
        touch "$venv/ready"
    fi
    echo "$venv/bin/python"
}

python="${POUET_TEST_PYTHON:-}"
[ -n "$python" ] || python="$(install)" || exit 3

export BASE AUTHORIZE_PASSWORD PYTHONDONTWRITEBYTECODE=1
[ $# -gt 0 ] || set -- mastodonpy toot
for client in "$@"; do
    echo "$client"
    timeout 300 "$python" "$here/test_$client.py"
done
