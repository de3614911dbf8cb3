#!/usr/bin/env python3
"""Fills an instance with what lists of discovery need: hashtags, posts and links that several people take up.

    populate.py BASE TOKEN...       one token for each of the people who take part, four at least

A page with a title is served on loopback, for links to have a card. Ends when hashtags, posts and links trend, which the
instance looks at every five minutes, or with an error after six.
"""

from __future__ import annotations

import json
import sys
import threading
import time
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

WAIT_S = 360.0
PAGE = b"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>The tides</title>
<meta property="og:title" content="The tides"><meta property="og:description" content="When the water comes"></head>
<body><h1>The tides</h1></body></html>"""


class Page(BaseHTTPRequestHandler):
    """Answers every address with the same page."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(PAGE)))
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def call(base: str, token: str, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
    """What the instance answers; an error ends the run."""
    request = urllib.request.Request(
        base + path,
        method=method,
        data=None if body is None else json.dumps(body).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def main(base: str, tokens: list[str]) -> None:
    """Post, favourite, and wait."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    link = f"http://127.0.0.1:{server.server_port}/tides"
    names = ["Harbours", "Lighthouses", "TideTables", "Fog"]
    firsts = []
    for place, token in enumerate(tokens):
        call(base, token, "PATCH", "/api/v1/accounts/update_credentials", {"discoverable": True})
        # Each leaves another one out: hashtags of the very same people push each other out.
        for name in names[:place] + names[place + 1 :]:
            made = call(base, token, "POST", "/api/v1/statuses", {"status": f"Thoughts about #{name}, number {place}"})
        firsts.append(made["id"])
        call(base, token, "POST", "/api/v1/statuses", {"status": f"To be read, says number {place}: {link}"})
    for place, token in enumerate(tokens):
        for other in firsts[:place] + firsts[place + 1 :]:
            call(base, token, "POST", f"/api/v1/statuses/{other}/favourite")
    deadline = time.monotonic() + WAIT_S
    missing = ["tags", "statuses", "links"]
    while missing := [kind for kind in missing if not call(base, tokens[0], "GET", f"/api/v1/trends/{kind}")]:
        if time.monotonic() > deadline:
            sys.exit(f"nothing trends among {', '.join(missing)}")
        time.sleep(2)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
