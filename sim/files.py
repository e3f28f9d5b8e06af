"""The one way in which files are written: aside first, then all of them in place, or none."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sim.errors import StoreError

MANIFEST = "manifest.json"
"""Written last into a folder, since it vouches for all other files."""
ANOTHER = "Name another folder with --out."


@contextmanager
def written_together(folder: Path, todo: str = ANOTHER) -> Iterator[Path]:
    """Give an empty folder aside, whose files take their places in ``folder`` once all are whole.

    A folder that is not there yet appears whole. In one that is there, files are replaced one by
    one, JSON documents after the others and the manifest last; everything else stays as it is.

    Parameters
    ----------
    folder
        Where the files are to lie; made if it is not there.
    todo
        What a user can do if they cannot be written.

    Raises
    ------
    StoreError
        If they cannot be written. Then, as after an interrupt, what was there stays, and no new
        folder is left behind.
    """
    made: list[Path] = []
    aside = None
    whole = False
    try:
        place = folder if folder.is_dir() else folder.parent
        made = [one for one in (place, *place.parents) if not one.exists()]
        place.mkdir(parents=True, exist_ok=True)
        aside = place / f".{folder.name}.{os.getpid()}.{secrets.token_hex(4)}.part"
        aside.mkdir()
        yield aside
        _into_place(aside, folder)
        whole = True
    except OSError as error:
        what = f"cannot be written: {error.strerror or error}."
        raise StoreError(str(folder), what, todo) from None
    finally:
        if aside is not None:
            shutil.rmtree(aside, ignore_errors=True)
        for empty in () if whole else made:
            with contextlib.suppress(OSError):  # somebody else has put something into it
                empty.rmdir()


def _into_place(aside: Path, folder: Path) -> None:
    if not folder.is_dir():
        try:
            aside.replace(folder)
        except OSError:
            if not folder.is_dir():
                raise  # else another process has made it since
        else:
            return
    for path in sorted(aside.iterdir(), key=_turn):
        path.replace(folder / path.name)


def _turn(path: Path) -> tuple[bool, bool, str]:
    """Put what vouches for other files behind them."""
    return path.name == MANIFEST, path.suffix == ".json", path.name


def write_whole(path: Path, contents: bytes, todo: str = ANOTHER) -> None:
    """Write one file aside and move it into place, so that nobody ever sees half of it.

    Raises
    ------
    StoreError
        If it cannot be written; what was there stays.
    """
    with written_together(path.parent, todo) as aside:
        (aside / path.name).write_bytes(contents)


def remove_leftovers(folder: Path) -> None:
    """Remove what processes that were killed left half written in a folder, or beside it."""
    for place in (folder, folder.parent):
        with contextlib.suppress(OSError):
            for left in place.iterdir():
                if _is_leftover(left.name, folder.name):
                    shutil.rmtree(left, ignore_errors=True)


def _is_leftover(name: str, of: str) -> bool:
    start, end = f".{of}.", ".part"
    if not (name.startswith(start) and name.endswith(end)):
        return False
    process, _, token = name[len(start) : -len(end)].partition(".")
    return process.isdigit() and bool(token) and not process_alive(int(process))


def process_alive(process: int) -> bool:
    """Return whether a process runs, as far as can be known: on Windows always yes."""
    if os.name == "nt":  # asking would end it
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


# ------------------------------------------------------------------ JSON


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    """Write a JSON document with full precision and no NaN; into a folder aside, see above."""
    path.write_bytes(json_bytes(document))


def json_bytes(document: Mapping[str, Any]) -> bytes:
    """Encode a JSON document; a file's name that is no UTF-8 stands in it in escapes."""
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    return text.encode("utf-8", "backslashreplace")
