"""Replaces several files as one: after a kill at any moment, all of them are new or none is.

The new contents are written aside, with a journal that names the files. One rename of the folder
that holds them, ``.adding``, decides: before it nothing has changed, after it whoever opens the
data next finishes what is left to do (`finish`).
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from sim.disk import advice, cause
from sim.errors import StoreError
from sim.owned import MARK, aside, is_marked, mark, remove_empty, remove_leftovers, turn
from sim.reading import MAX_JSON, read_bytes
from sim.text import printable

FOLDER = ".adding"
"""Beside the files: new contents that were decided on and are not all in their places."""
_LIST = "journal.json"
_NUMBER = re.compile(r"\d+")
_TODO = "Make it writable, and try again."


def replace_together(
    folder: Path,
    contents: Mapping[Path, bytes],
    before: Mapping[Path, bytes],
    other: Path | None = None,
) -> None:
    """Give files new contents, all or none.

    Parameters
    ----------
    folder
        Where the journal lies meanwhile.
    contents
        The new contents, in the order in which the files are to be replaced.
    before
        What the same files hold now; if one holds something else, nothing is done.
    other
        Where files may lie beside ``folder``, as for `finish`.

    Raises
    ------
    StoreError
        If they cannot be written, one is a symbolic link or lies elsewhere, or a file has changed
        meanwhile; then none has changed.
    """
    try:
        with turn(folder):
            _finish(folder, other)
            _check_replaceable(folder, contents)
            _check_within(contents, folder, other)
            remove_leftovers(folder, FOLDER)
            with aside(folder, FOLDER) as beside:
                _decide(beside.files, folder, contents, before)
            _sync(folder)
    except OSError as error:
        what = f"cannot be written: {cause(error)}; nothing was changed."
        raise StoreError(printable(folder), what, advice(error, _TODO)) from None
    finish(folder, other)


def _check_replaceable(folder: Path, contents: Mapping[Path, bytes]) -> None:
    if os.path.lexists(folder / FOLDER):
        what = "is there and was not made by this program, which needs that name to add rows."
        raise StoreError(printable(folder / FOLDER), what, "Move it away.")
    for path in contents:
        if path.is_symlink():
            what = "is a symbolic link, and none is replaced."
            raise StoreError(printable(path), what, "Put the file itself into its place.")


def _check_within(paths: Iterable[Path], folder: Path, other: Path | None) -> None:
    """Refuse a file to which no rows are added: a folder may come from somebody else."""
    scenarios = other or folder.parent / "scenarios"
    places = {folder / "evidence" / name for name in ("articles.toml", "statements.csv")}
    places |= {folder / "evidence" / "events.csv", scenarios / "history.toml"}
    allowed = {os.path.abspath(one) for one in places}  # noqa: PTH100  links stay what they are
    for path in paths:
        if os.path.abspath(path) not in allowed:  # noqa: PTH100
            what = "is no file to which rows are added. Nothing is written there."
            raise StoreError(printable(path), what, _ELSEWHERE)
        if path.is_symlink() or path.parent.is_symlink():
            what = "is behind a symbolic link. Nothing is written there."
            raise StoreError(printable(path), what, "Put the folder itself into its place.")


_ELSEWHERE = f"Remove {FOLDER} if you did not add news; it came with the folder."


def _decide(
    beside: Path, folder: Path, contents: Mapping[Path, bytes], before: Mapping[Path, bytes]
) -> None:
    """Write the new contents aside, and give their folder the name by which they count."""
    entries = []
    mark(beside)
    for number, (path, new) in enumerate(contents.items()):
        _write(beside / str(number), new)
        where = os.path.relpath(path, folder)
        entries.append({"file": where, "old": _hash(before[path]), "new": _hash(new)})
    _write(beside / _LIST, json.dumps({"files": entries}).encode())
    if any(path.read_bytes() != before[path] for path in contents):
        raise StoreError(printable(folder), "a file was changed meanwhile.", "Try again.")
    os.rename(beside, folder / FOLDER)  # noqa: PTH104  the moment that decides


def check_finished(folder: Path) -> None:
    """Refuse data to which news was being added and is not all in, and change nothing.

    Raises
    ------
    StoreError
        If so.
    """
    if os.path.lexists(folder / FOLDER):
        what = "news was being added here, and is not all in."
        command = f"truce --data {printable(folder.parent)} levers"
        todo = f"If the folder is yours, finish that: {command}."
        raise StoreError(printable(folder), what, todo)


def finish(folder: Path, other: Path | None = None) -> bool:
    """Put what a process that was killed had decided on into its places; whether there was any.

    A folder or link of that name that this program did not make is left alone.

    Parameters
    ----------
    folder
        Where the journal lies.
    other
        Where files may lie beside ``folder``; its neighbour ``scenarios`` if None.

    Raises
    ------
    StoreError
        If that cannot be done.
    """
    if not os.path.lexists(folder / FOLDER):
        return False
    try:
        with turn(folder):
            return _finish(folder, other)
    except OSError as error:
        raise _unfinished(folder / FOLDER, cause(error), advice(error, _LEFT)) from None


_LEFT = "Make the folder writable and try again; what is to be in each file lies in it."


def _unfinished(adding: Path, why: str, todo: str = _LEFT) -> StoreError:
    what = f"holds rows that were being added, which cannot be finished: {why}."
    return StoreError(printable(adding), what, todo)


def _finish(folder: Path, other: Path | None) -> bool:
    adding = folder / FOLDER
    ours = False
    try:
        ours = stat.S_ISDIR(adding.lstat().st_mode) and is_marked(adding)
        listed = json.loads(read_bytes(adding / _LIST, MAX_JSON, links=False))["files"]
        paths = [Path(os.path.normpath(folder / entry["file"])) for entry in listed]
        _check_within(paths, folder, other)
        _put_all(paths, adding, listed)
        ours = True
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        if (adding / _LIST).is_file():  # else all are in their places, or it is not ours
            why = cause(error) if isinstance(error, OSError) else printable(error)
            raise _unfinished(adding, why) from None
    if ours:
        _remove(adding)
    elif not adding.is_symlink():
        remove_empty([adding])  # ours, and its mark went last
    return ours


def _put_all(paths: list[Path], adding: Path, listed: list[dict[str, str]]) -> None:
    for path in paths:
        remove_leftovers(path.parent, path.name)
    for number, (path, entry) in enumerate(zip(paths, listed, strict=True)):
        _put(path, adding / str(number), entry)
    (adding / _LIST).unlink()
    _sync(adding.parent)


def _remove(adding: Path) -> None:
    """Remove what is ours of the folder, its mark last, and the folder if that is all."""
    with contextlib.suppress(OSError):
        for path in sorted(adding.iterdir(), key=lambda path: path.name == MARK):
            if path.name == MARK or _NUMBER.fullmatch(path.name):
                path.unlink()
        adding.rmdir()


def _put(path: Path, new: Path, entry: Mapping[str, Any]) -> None:
    there = _hash(path.read_bytes()) if path.is_file() else ""
    if there == entry["new"]:
        return
    if there != entry["old"]:
        what = "was changed while rows were being added to it."
        todo = f"The file with the rows is {new}: carry your change over into it, put it in the "
        todo += f"place of {path}, and try again."
        raise StoreError(str(path), what, todo)
    with aside(path.parent, path.name) as beside:
        _write(beside.files / path.name, new.read_bytes())
        shutil.copymode(path, beside.files / path.name)
        os.replace(beside.files / path.name, path)  # noqa: PTH105
    _sync(path.parent)


def _write(path: Path, contents: bytes) -> None:
    """Write a file down to the disk."""
    with path.open("wb") as file:
        file.write(contents)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    """Let the names in a folder reach the disk, where a system can do that."""
    with contextlib.suppress(OSError):
        number = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def _hash(contents: bytes) -> str:
    return hashlib.sha256(contents).hexdigest()
