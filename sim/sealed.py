"""Files that carry the hash of what they hold, so that a cut or spoiled one is never used."""

from __future__ import annotations

import contextlib
import hashlib
import tempfile
from pathlib import Path

from sim.errors import StoreError
from sim.files import write_whole

_HASH_BYTES = hashlib.sha256().digest_size
_LARGEST = 1 << 28
"""No compiled function has more bytes; a larger file is not read."""


def read_sealed(path: Path) -> bytes | None:
    """Return what a file holds, if that is what was written into it; None otherwise."""
    try:
        if not path.is_file() or path.stat().st_size > _LARGEST:
            return None
        whole = path.read_bytes()
    except (OSError, ValueError):
        return None
    claimed, contents = whole[:_HASH_BYTES], whole[_HASH_BYTES:]
    return contents if claimed == hashlib.sha256(contents).digest() else None


def write_sealed(path: Path, contents: bytes) -> None:
    """Keep what can be made anew, with its hash, if it can be kept."""
    with contextlib.suppress(StoreError, OSError, ValueError):
        write_whole(path, hashlib.sha256(contents).digest() + contents)


def writable(folder: Path) -> bool:
    """Whether files can be kept in a folder, which is made if it is not there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(4096))  # there may be no room
    except (OSError, ValueError):
        return False
    return True
