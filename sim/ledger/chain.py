"""The ledger's file: JSON lines, each with the SHA-256 of the one before and one of its own.

A line that was altered, removed, added or moved breaks the chain, and `read_chain` says where.
Whoever can write the file can also write a new chain: only something outside of it, such as a
signed commit or a mail that holds the hash of the last line, proves when that line was there.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import secrets
import stat
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sim.errors import LedgerError
from sim.files import led_to, remove_leftovers, unwritten, write_whole
from sim.owned import check_place, make_folders, process_alive, remove_empty
from sim.reading import read_bytes
from sim.text import printable

SCHEMA = "truce/ledger/1"
START = "0" * 64
"""What stands for the line before the first."""
_TODO = "Take back the file as it was: a ledger is only ever added to."
MAX_LEDGER = 200_000_000
"""The largest ledger that is read, in bytes."""
_ANOTHER = "Name another file with --file."
_PATIENCE = 10.0
_STALE = 60.0
"""Seconds to wait for another writer, and after which its lock is taken for one left behind."""

Line = dict[str, Any]


def digest(contents: bytes) -> str:
    """Hash bytes by SHA-256; 64 hexadecimal digits."""
    return hashlib.sha256(contents).hexdigest()


def canonical(document: Mapping[str, Any]) -> bytes:
    """Encode a line in the one way in which it may stand in the file, without its end.

    Examples
    --------
    >>> canonical({"b": 1, "a": "x"})
    b'{"a": "x", "b": 1}'
    """
    text = json.dumps(document, sort_keys=True, ensure_ascii=True, allow_nan=False)
    return text.encode("ascii")


def linked(body: Mapping[str, Any], number: int, before: str) -> Line:
    """Return a line with its number, the hash of the one before, and its own."""
    line = {"schema": SCHEMA, "line": number, **body, "before": before}
    return {**line, "own": digest(canonical(line))}


def chained(bodies: Sequence[Mapping[str, Any]]) -> bytes:
    """Return the bytes of a whole ledger."""
    contents, before = b"", START
    for number, body in enumerate(bodies, 1):
        line = canonical(linked(body, number, before))
        before = digest(line)
        contents += line + b"\n"
    return contents


# ------------------------------------------------------------------ reading


def read_chain(contents: bytes, where: str) -> tuple[list[Line], str]:
    """Return the lines of a ledger and the hash of the last one, once all are checked.

    Raises
    ------
    LedgerError
        If a byte was altered, or a line is missing, added or moved: it names the first line at
        which that shows.
    """
    lines: list[Line] = []
    before = START
    if not contents:
        return lines, before
    *whole, rest = contents.split(b"\n")
    if rest:
        raise _broken(where, len(whole) + 1, "has no end: the file was cut, or added to by hand")
    for number, raw in enumerate(whole, 1):
        lines.append(_checked(raw, number, before, where))
        before = digest(raw)
    return lines, before


def _checked(raw: bytes, number: int, before: str, where: str) -> Line:
    if raw.endswith(b"\r"):
        raise _broken(where, number, "ends as on Windows: something changed the ends of lines")
    try:
        line: Any = json.loads(raw.decode("ascii"))
        same = isinstance(line, dict) and canonical(line) == raw
    except (ValueError, RecursionError):
        raise _broken(where, number, "is no line of a ledger any more: it was altered") from None
    if not same:
        raise _broken(where, number, "is not written as it was: it was altered")
    if line.get("schema") != SCHEMA:
        what = f"is of the format {printable(line.get('schema'))}, and {SCHEMA} is read here"
        raise _broken(where, number, what)
    own = line.pop("own", None)
    if own != digest(canonical(line)):
        raise _broken(where, number, "does not have the hash that it names: it was altered")
    if line.get("before") != before or line.get("line") != number:
        what = "does not follow the line before it: one was removed, added, moved or replaced"
        raise _broken(where, number, what)
    found: Line = line
    return found


def _broken(where: str, number: int, what: str) -> LedgerError:
    return LedgerError(f"{where}, line {number}", f"{what}.", _TODO)


def read_file(path: Path) -> bytes:
    """Return the bytes of a ledger; nothing if there is no such file.

    Raises
    ------
    StoreError
        If it is there and cannot be read, is no regular file, or has more than `MAX_LEDGER`.
    """
    try:
        return read_bytes(path, MAX_LEDGER)
    except FileNotFoundError:
        return b""


def line_hashes(path: Path) -> list[str]:
    """Return the hash of each line of a ledger, as the next one names it."""
    return [digest(raw) for raw in read_file(path).split(b"\n")[:-1]]


# ------------------------------------------------------------------ writing


def append(
    path: Path, bodies_of: Callable[[list[Line]], Sequence[Mapping[str, Any]]]
) -> tuple[list[Line], str]:
    """Add lines to a ledger, all or none of them, and return these and the new last hash.

    The whole file is written aside and takes the place of the old one, so that a process that is
    killed at any moment leaves one or the other. Another writer waits.

    Parameters
    ----------
    bodies_of
        Called with the lines that are there, once nobody else can write; returns those to add.

    Raises
    ------
    LedgerError
        If the ledger is damaged, or another process does not let go of it.
    StoreError
        If it cannot be written.
    """
    where, path = printable(path), led_to(path)
    check_place(path.parent, None, _ANOTHER)
    made: list[Path] = []
    try:
        made = make_folders(path.parent)
        added, before = _append(path, bodies_of, where)
        made = []
    except OSError as error:
        raise unwritten(error, path, _ANOTHER) from None
    finally:
        remove_empty(made)
    return added, before


def _append(
    path: Path, bodies_of: Callable[[list[Line]], Sequence[Mapping[str, Any]]], where: str
) -> tuple[list[Line], str]:
    with _locked(path) as check:
        remove_leftovers(path.parent)
        contents = read_file(path)
        there, before = read_chain(contents, where)
        added = []
        for number, body in enumerate(bodies_of(there), len(there) + 1):
            line = linked(body, number, before)
            raw = canonical(line)
            before = digest(raw)
            contents += raw + b"\n"
            added.append(line)
        check()
        write_whole(path, contents, _ANOTHER)
    return added, before


@contextmanager
def _locked(path: Path) -> Iterator[Callable[[], None]]:
    """Keep other writers out; gives a function that fails if one has taken over."""
    lock = path.with_name(f"{path.name}.lock")
    mine = f"{os.getpid()} {secrets.token_hex(8)}"
    _take(lock, mine)

    def check() -> None:
        if _holder(lock) != mine:
            raise _busy(lock)

    try:
        yield check
    finally:
        if _holder(lock) == mine:
            with contextlib.suppress(OSError):
                lock.unlink()


def _take(lock: Path, mine: str) -> None:
    until = time.monotonic() + _PATIENCE
    while not _made(lock, mine):
        _remove_stale(lock)
        if time.monotonic() > until:
            raise _busy(lock)
        time.sleep(0.02)


def _made(lock: Path, mine: str) -> bool:
    """Make the lock; False if another has it. A lock that cannot be written is not left behind."""
    try:
        file = lock.open("x", encoding="ascii")
    except FileExistsError:
        return False
    except PermissionError:  # on Windows also while another one is being removed
        if os.name == "nt":
            return False
        raise
    try:
        with file:
            file.write(mine)
    except BaseException:
        lock.unlink()
        raise
    return True


def _holder(lock: Path) -> str:
    try:
        return lock.read_text(encoding="ascii")
    except (OSError, ValueError):
        return ""


_LOCK = re.compile(r"\d+ [0-9a-f]{16}|")
"""What is in a lock of ours; nothing if the process died before it had written."""


def _remove_stale(lock: Path) -> None:
    """Remove the lock of a process that was killed; a file of anybody else is refused."""
    with contextlib.suppress(OSError):
        found = lock.lstat()
        holder = lock.read_bytes().decode("latin-1") if stat.S_ISREG(found.st_mode) else "none"
        if not _LOCK.fullmatch(holder):
            what = "is there and is no lock of this program. It is left as it is."
            raise LedgerError(printable(lock), what, "Move it away; its name is needed.")
        process, _, _ = holder.partition(" ")
        dead = bool(process) and not process_alive(int(process))
        if dead or time.time() - found.st_mtime > _STALE:
            aside = lock.with_name(f"{lock.name}.{secrets.token_hex(4)}")
            lock.rename(aside)
            aside.unlink()


def _busy(lock: Path) -> LedgerError:
    what = "another process is writing this ledger."
    return LedgerError(printable(lock), what, "Try again; if none is, remove this file.")
