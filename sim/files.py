"""The one way in which files are written: aside first, then all of them in place, or none."""

from __future__ import annotations

import errno
import json
import os
import re
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, BinaryIO, TypeVar

from sim import owned
from sim.disk import advice, cause, shortage
from sim.errors import StoreError
from sim.owned import ANOTHER, Aside, aside, check_place, make_folders, remove_empty, turn
from sim.reading import MAX_JSON, MAX_TABLE, open_regular, unread
from sim.text import json_printable, printable, shown

T = TypeVar("T")
MANIFEST = "manifest.json"
"""Written last into a folder, since it vouches for all other files."""


@contextmanager
def written_together(
    folder: Path, todo: str = ANOTHER, within: Path | None = None
) -> Iterator[Path]:
    """Give an empty folder aside, whose files take their places in ``folder`` once all are whole.

    A folder that is not there yet appears whole. In one that is there, files are replaced one by
    one, JSON documents after the others and the manifest last; everything else stays as it is. If
    one cannot be replaced, those before it are put back.

    Parameters
    ----------
    folder
        Where the files are to lie; made if it is not there.
    todo
        What a user can do if they cannot be written.
    within
        The folder that the user chose, below which nothing is written through a symbolic link;
        None if that is ``folder`` itself.

    Raises
    ------
    StoreError
        If they cannot be written. Then, as after an interrupt, what was there stays, and no new
        folder is left behind.
    """
    check_place(folder, within, todo)
    made: list[Path] = []
    try:
        with ExitStack() as stack:
            place = folder if folder.is_dir() else folder.parent
            beside = _begun(place, folder.name, stack, made)
            yield beside.files
            _into_place(beside, folder)
            made.clear()
    except OSError as error:
        raise unwritten(error, folder, todo) from None
    finally:
        remove_empty(made)


def _begun(place: Path, name: str, stack: ExitStack, made: list[Path]) -> Aside:
    """Make the folder aside, once more if another process removes the empty place meanwhile."""
    for tries_left in (2, 1, 0):
        made[:0] = make_folders(place)
        try:
            return stack.enter_context(aside(place, name))
        except FileNotFoundError:
            if not tries_left:
                raise
    raise AssertionError


def _into_place(beside: Aside, folder: Path) -> None:
    if not folder.is_dir():
        try:
            beside.files.replace(folder)
        except OSError:
            if not folder.is_dir():
                raise  # else another process has made it since
        else:
            return
    with turn(folder):
        _replace_all(beside, folder)


def _replace_all(beside: Aside, folder: Path) -> None:
    """Replace files one by one; all are as they were if one cannot be replaced."""
    new = sorted(beside.files.iterdir(), key=_turn)
    for path in new:
        _check_replaceable(folder / path.name, path)
    done: list[Path] = []
    try:
        beside.old.mkdir()
        for path in new:
            done.append(path)
            _keep(folder / path.name, beside.old)
            path.replace(folder / path.name)
    except BaseException:
        lost = [told for path in reversed(done) if (told := _put_back(path, beside, folder))]
        if lost:
            raise lost[0] from None
        raise


def _turn(path: Path) -> tuple[bool, bool, str]:
    """Put what vouches for other files behind them."""
    return path.name == MANIFEST, path.suffix == ".json", path.name


def _check_replaceable(there: Path, new: Path) -> None:
    """Check that what a file is to replace is a file, and no link."""
    if there.is_symlink():
        what = "cannot be written: it is a symbolic link, and none is replaced."
        raise StoreError(printable(there), what, "Remove the link, or name another folder.")
    if there.is_dir() and not new.is_dir():
        what = "cannot be written: it is a folder. It is left as it is."
        raise StoreError(printable(there), what, "Move it away, or name another folder.")


def _keep(there: Path, old: Path) -> None:
    """Keep what is about to be replaced, so that it can be put back."""
    if not there.is_file():
        return
    try:
        os.link(there, old / there.name)
    except OSError:  # the file system has no second names
        shutil.copy2(there, old / there.name)


def _put_back(path: Path, beside: Aside, folder: Path) -> StoreError | None:
    """Put back what a file has replaced; return the error to tell if that cannot be done."""
    kept, there = beside.old / path.name, folder / path.name
    try:
        if kept.exists():
            kept.replace(there)
        elif not path.exists():  # it was new, and is in its place
            there.unlink(missing_ok=True)
    except OSError as error:
        beside.leave()
        what = f"was replaced, and what was there cannot be put back: {cause(error)}."
        return StoreError(printable(there), what, f"What was there is in {printable(kept)}.")
    return None


_WRITING = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.EMFILE)


def unwritten(error: OSError, folder: Path, todo: str = ANOTHER) -> StoreError:
    """Return the error to tell when the work on files that are to be written was refused.

    It names what was refused: the folder itself, another file that the work needed, or memory.
    """
    if error.errno is None and (short := shortage(error)):
        return StoreError(short.where, short.what, short.todo)
    other = isinstance(error.filename, str) and not _is_below(error.filename, folder.parent)
    where, what = printable(folder), "cannot be written"
    if other and error.errno not in _WRITING:
        where, what = printable(error.filename), "cannot be used"
    elif error.errno in (None, errno.ENOMEM) and not isinstance(error, shutil.Error):
        what, todo = "was not made", "Nothing was written; see to that, then try again."
    return StoreError(where, f"{what}: {cause(error)}.", advice(error, todo))


def _is_below(name: str, folder: Path) -> bool:
    return Path(os.path.abspath(name)).is_relative_to(os.path.abspath(folder))  # noqa: PTH100


def write_whole(
    path: Path, contents: bytes, todo: str = ANOTHER, within: Path | None = None
) -> None:
    """Write one file aside and move it into place, so that nobody ever sees half of it.

    Parameters
    ----------
    todo, within
        As in `written_together`.

    Raises
    ------
    StoreError
        If it cannot be written; what was there stays.
    """
    with written_together(path.parent, todo, within) as files:
        (files / path.name).write_bytes(contents)


def write_new(path: Path, contents: bytes, todo: str = ANOTHER) -> None:
    """Write one file that is not there yet, whole or not at all.

    Raises
    ------
    StoreError
        If there is something of that name, or it cannot be written.
    """
    check_place(path.parent, None, todo)
    made: list[Path] = []
    try:
        with ExitStack() as stack:
            file = _begun(path.parent, path.name, stack, made).files / path.name
            file.write_bytes(contents)
            with turn(path.parent):
                if os.path.lexists(path):
                    raise StoreError(printable(path), "is there already.", todo)
                file.replace(path)
            made.clear()
    except OSError as error:
        raise unwritten(error, path, todo) from None
    finally:
        remove_empty(made)


def led_to(path: Path) -> Path:
    """Return the file that a user's symbolic link leads to, or the path itself if it is none."""
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def kept(path: Path, load: Callable[[BinaryIO], T]) -> T | None:
    """Return what was kept of unfinished work in a file; None if it is not there, or is damaged.

    Raises
    ------
    StoreError
        If it is there and cannot be read; then it is not made anew in its place.
    """
    try:
        with open_regular(path, MAX_TABLE, links=False) as file:
            return load(file)
    except (FileNotFoundError, ValueError, EOFError, LookupError, zipfile.BadZipFile):
        return None
    except OSError as error:
        raise unread(error, StoreError, printable(path)) from None


def remove_leftovers(folder: Path) -> None:
    """Remove what processes that were killed left half written in a folder, or beside it."""
    for place in (folder, folder.parent):
        owned.remove_leftovers(place, folder.name)


@contextmanager
def result_folder(final: Path, out: Path | None = None) -> Iterator[Path]:
    """Give a folder aside for a result's files, which take their places once all are whole.

    What killed processes left of the same result is removed first; see `written_together`.

    Parameters
    ----------
    out
        The folder of the outputs, below which nothing is written through a symbolic link; if
        None, ``final`` alone may be no link.

    Raises
    ------
    StoreError
        If the files cannot be written, or a folder is there that is none of a result.
    """
    out = final.parent if out is None else out
    check_place(final, out)
    remove_leftovers(final)
    check_ours(final)
    with written_together(final, within=out) as folder:
        yield folder


def check_ours(folder: Path) -> None:
    """Check that what lies in the folder of a result, if anything, is a result, be it damaged.

    Raises
    ------
    StoreError
        If none of its documents is of this program, or one cannot be read.
    """
    try:
        there = [path.name for path in folder.iterdir()] if folder.exists() else []
    except OSError as error:
        raise unwritten(error, folder) from None
    names = sorted(name for name in there if not name.startswith(f".{folder.name}."))
    documents = (folder / name for name in names if name.endswith(".json"))
    if names and not any(is_ours(path) for path in documents):
        what = f"holds {shown(names[0])} and no result: this program did not make it, or what "
        what += "would tell so is gone. It is left as it is."
        todo = "Move it away, or name another folder with --out."
        raise StoreError(printable(folder), what, todo)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Give a folder for files of the moment, which goes in the end.

    Raises
    ------
    StoreError
        If it cannot be written.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="truce-", ignore_cleanup_errors=True) as name:
            yield Path(name)
    except OSError as error:
        raise unwritten(error, temporary_place(), TMPDIR) from None


TMPDIR = "Set TMPDIR to a folder that can be written."


def temporary_place() -> Path:
    """Return how folders for files of the moment are called in messages."""
    try:
        return Path(tempfile.gettempdir()) / "truce-*"
    except OSError:  # none can be written
        return Path("TMPDIR") / "truce-*"


def is_ours(path: Path, name: bytes = b"truce") -> bool:
    """Return whether a JSON document begins with a schema of this program.

    Raises
    ------
    StoreError
        If it is there and cannot be read.
    """
    try:
        with open_regular(path, MAX_JSON, links=False) as file:
            return b'"schema": "' + name + b"/" in file.read(_HEAD)
    except FileNotFoundError:
        return False


_HEAD = 4096
"""Bytes of a document in which its schema stands."""


# ------------------------------------------------------------------ JSON


def write_json(path: Path, document: Mapping[str, Any]) -> None:
    """Write a JSON document with full precision and no NaN; into a folder aside, see above."""
    path.write_bytes(json_bytes(document))


def json_bytes(document: Mapping[str, Any]) -> bytes:
    """Encode a JSON document; what cannot be printed stands in it in escapes.

    Bytes of a file's name that are no UTF-8 are written as a terminal shows them: no reader of
    JSON need take half a letter.
    """
    text = json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    return json_printable(_HALF.sub(lambda half: rf"\\u{ord(half[0]):04x}", text)).encode()


_HALF = re.compile("[\ud800-\udfff]")
