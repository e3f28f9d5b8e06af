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
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sim.errors import StoreError

FOLDER = ".adding"
"""Beside the files: new contents that were decided on and are not all in their places."""
_LIST = "journal.json"


def replace_together(
    folder: Path, contents: Mapping[Path, bytes], before: Mapping[Path, bytes]
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

    Raises
    ------
    StoreError
        If they cannot be written, or a file has changed meanwhile; then none has changed.
    """
    finish(folder)
    _remove_leftovers(folder)
    aside = folder / f"{FOLDER}.{os.getpid()}.part"
    try:
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir()
        entries = []
        for number, (path, new) in enumerate(contents.items()):
            _write(aside / str(number), new)
            where = os.path.relpath(path, folder)
            entries.append({"file": where, "old": _hash(before[path]), "new": _hash(new)})
        _write(aside / _LIST, json.dumps({"files": entries}).encode())
        if any(path.read_bytes() != before[path] for path in contents):
            raise StoreError(str(folder), "a file was changed meanwhile.", "Try again.")
        os.rename(aside, folder / FOLDER)  # noqa: PTH104  the moment that decides
    except OSError as error:
        what = f"cannot be written: {error.strerror or error}; nothing was changed."
        raise StoreError(str(folder), what, "Make it writable, or make room.") from None
    finally:
        shutil.rmtree(aside, ignore_errors=True)
    _sync(folder)
    finish(folder)


def finish(folder: Path) -> bool:
    """Put what a process that was killed had decided on into its places; whether there was any.

    Raises
    ------
    StoreError
        If that cannot be done.
    """
    adding = folder / FOLDER
    if not adding.is_dir():
        return False
    try:
        if (adding / _LIST).is_file():
            _put_all(folder, adding)
    except (OSError, ValueError, LookupError, TypeError) as error:
        if (adding / _LIST).is_file():  # else another process has finished it meanwhile
            what = f"holds rows that were being added, which cannot be finished: {error}."
            todo = "Make the folder writable and try again; what is to be in each file lies in it."
            raise StoreError(str(adding), what, todo) from None
    shutil.rmtree(adding, ignore_errors=True)
    return True


def _put_all(folder: Path, adding: Path) -> None:
    listed = json.loads((adding / _LIST).read_text(encoding="utf-8"))["files"]
    paths = [Path(os.path.normpath(folder / entry["file"])) for entry in listed]
    for number, (path, entry) in enumerate(zip(paths, listed, strict=True)):
        _put(path, adding / str(number), entry)
    for path in paths:
        for left in path.parent.glob(f".{path.name}.*.part"):
            left.unlink(missing_ok=True)
    (adding / _LIST).unlink()
    _sync(folder)


def _put(path: Path, new: Path, entry: Mapping[str, Any]) -> None:
    there = _hash(path.read_bytes()) if path.is_file() else ""
    if there == entry["new"]:
        return
    if there != entry["old"]:
        what = "was changed while rows were being added to it."
        todo = f"The file with the rows is {new}: carry your change over into it, put it in the "
        todo += f"place of {path}, and try again."
        raise StoreError(str(path), what, todo)
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        _write(beside, new.read_bytes())
        shutil.copymode(path, beside)
        os.replace(beside, path)  # noqa: PTH105
    finally:
        beside.unlink(missing_ok=True)
    _sync(path.parent)


def _remove_leftovers(folder: Path) -> None:
    """Remove what processes that were killed had written aside and not decided on."""
    for left in folder.glob(f"{FOLDER}.*.part"):
        number = left.name.split(".")[2]
        try:
            if os.name != "nt" and number.isdigit():  # elsewhere asking would end it
                os.kill(int(number), 0)
        except ProcessLookupError:
            shutil.rmtree(left, ignore_errors=True)
        except OSError:
            continue


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
