#!/usr/bin/env bash
# Runs real clients against a server with the accounts ada and ben.
#
#   BASE=http://localhost:8080 AUTHORIZE_PASSWORD=... tests/clients/run.sh [mastodonpy] [toot]
#
# The clients are installed once into ${XDG_CACHE_HOME:-~/.cache}/pouet-clients, where PYTHON (default: python3)
# makes a virtual environment. Exit code: 0 when all went well, 3 when the clients cannot be installed.
set -euo pipefail

here="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
: "${BASE:?the address of the server}" "${AUTHORIZE_PASSWORD:?the password of ada and ben}"
cache="${XDG_CACHE_HOME:-$HOME/.cache}/pouet-clients"
venv="$cache/venv-$(sha256sum "$here/requirements.txt" | cut -c1-12)"

mkdir -p "$cache"
(
    flock 9
    if [ ! -f "$venv/ready" ]; then
        rm -rf "$venv"
        "${PYTHON:-python3}" -m venv "$venv"
        "$venv/bin/pip" install --quiet --disable-pip-version-check -r "$here/requirements.txt"
        touch "$venv/ready"
    fi
) 9>"$cache/lock" || exit 3

export BASE AUTHORIZE_PASSWORD PYTHONDONTWRITEBYTECODE=1
[ $# -gt 0 ] || set -- mastodonpy toot
for client in "$@"; do
    echo "$client"
    timeout 300 "$venv/bin/python" "$here/test_$client.py"
done
