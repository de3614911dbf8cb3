"""What the runs of the clients share: the server's address, the picture, and steps that say what they do."""

from __future__ import annotations

import os
import struct
import sys
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

BASE = os.environ["BASE"]
PASSWORD = os.environ["AUTHORIZE_PASSWORD"]
WAIT_S = 20.0


def step(text: str) -> None:
    """Say what is done next, so that a failure below it can be placed."""
    print(f"- {text}", flush=True)


def eventually(what: str, look: Callable[[], T | None]) -> T:
    """What `look` returns as soon as it returns something."""
    deadline = time.monotonic() + WAIT_S
    while True:
        seen = look()
        if seen:
            return seen
        if time.monotonic() > deadline:
            sys.exit(f"waited {WAIT_S:.0f} s for {what}")
        time.sleep(0.1)


def picture(folder: Path) -> Path:
    """A PNG of 48 by 32 pixels."""
    width, height = 48, 32
    rows = b"".join(b"\0" + bytes((x * 5, y * 7, 99)[c] for x in range(width) for c in range(3)) for y in range(height))

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    path = folder / "harbour.png"
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
    )
    return path
