"""What this program made and may remove, and whose turn it is at a folder.

Nothing is written, moved or removed through a symbolic link below the folder that the user chose.
A folder that goes again bears a mark; what has none was made by somebody else, and stays.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from sim.disk import advice, cause
from sim.errors import StoreError
from sim.text import printable

fcntl: ModuleType | None
try:
    import fcntl
except ImportError:  # on Windows
    fcntl = None

ANOTHER = "Name another folder with --out."
MARK = "made-by-truce.txt"
"""The file by which a folder aside is known as one that this program made."""
_TEXT = b"The program truce made this folder, and removes it again.\n"
_LINK = "Remove the link, or name another folder with --out."
_PATIENCE = 20.0
"""Seconds to wait for the others at a folder."""


def check_place(folder: Path, within: Path | None = None, todo: str = ANOTHER) -> None:
    """Check that a folder is a real one, or not there yet.

    Parameters
    ----------
    folder
        Where something is to be written.
    within
        The folder that the user chose, which may be a symbolic link; none may be below it. None
        if the user chose ``folder`` itself.
    todo
        What a user can do if it cannot be written.

    Raises
    ------
    StoreError
        If a link or a file is in its place or above it; these stay as they are.
    """
    for level in _levels(folder, within):
        try:
            mode = (level.stat() if within is None else level.lstat()).st_mode
        except FileNotFoundError:
            if not level.is_symlink():
                return
            what = "cannot be written: it is a symbolic link that leads nowhere."
            raise StoreError(printable(level), what, _LINK) from None
        except OSError as error:
            what = f"cannot be written: {cause(error)}."
            raise StoreError(printable(level), what, advice(error, todo)) from None
        if stat.S_ISLNK(mode):
            what = "cannot be written: it is a symbolic link, and nothing is written through one. "
            raise StoreError(printable(level), f"{what}It is left as it is.", _LINK)
        if not stat.S_ISDIR(mode):
            what = "cannot be written: it is a file, not a folder. It is left as it is."
            raise StoreError(printable(level), what, todo)


def _levels(folder: Path, within: Path | None) -> list[Path]:
    if within is None:
        return [folder]
    parts = folder.relative_to(within).parts
    return [within.joinpath(*parts[: n + 1]) for n in range(len(parts))]


def make_folders(folder: Path) -> list[Path]:
    """Make a folder and those above it, and return those that were not there, the lowest first.

    Raises
    ------
    OSError
        If one cannot be made; then none is left behind.
    """
    missing: list[Path] = []
    for one in (folder, *folder.parents):
        if one.exists():
            break
        missing.append(one)
    made: list[Path] = []
    try:
        for one in reversed(missing):
            try:
                one.mkdir()
            except FileExistsError:  # another process was faster
                if not one.is_dir():
                    raise
            else:
                made.insert(0, one)
    except BaseException:
        remove_empty(made)
        raise
    return made


def remove_empty(folders: Sequence[Path]) -> None:
    """Remove folders that were made for nothing, unless somebody else has put something there."""
    for folder in folders:
        with contextlib.suppress(OSError):
            folder.rmdir()


# ------------------------------------------------------------------ turns


@contextmanager
def turn(folder: Path) -> Iterator[None]:
    """Keep out others of this program that would put files into the same folder.

    It is for the moment in which files take their places. Nobody waits where the system or the
    file system has no such locks.

    Raises
    ------
    StoreError
        If others do not let go of the folder.
    OSError
        If it cannot be opened.
    """
    number = None
    if fcntl is not None:
        with contextlib.suppress(PermissionError):  # of a folder that may only be written
            number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        until = time.monotonic() + _PATIENCE
        while number is not None and not _locked(number):
            if time.monotonic() > until:
                what = "another process has been writing into it for a while."
                raise StoreError(printable(folder), what, "Try again once it is done.")
            time.sleep(0.02)
        yield
    finally:
        if number is not None:
            os.close(number)


def _locked(number: int) -> bool:
    """Lock an open file or folder; False if another has it locked."""
    if fcntl is not None:
        try:
            fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:  # the file system has no locks
            return True
    return True


# ------------------------------------------------------------------ folders aside


class Aside:
    """A folder of our own beside what is to be replaced.

    Attributes
    ----------
    files
        Where what is new is written.
    old
        Where what was there waits until all that is new is in its place.
    stays
        Whether the folder is left where it is, since it has what could not be put back.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.files = path / "files"
        self.old = path / "old"
        self.stays = False

    def leave(self) -> None:
        """Leave the folder to the user: it loses its mark, and is never removed."""
        self.stays = True
        with contextlib.suppress(OSError):
            (self.path / MARK).unlink(missing_ok=True)


@contextmanager
def aside(place: Path, name: str) -> Iterator[Aside]:
    """Give a folder aside with our mark, which goes in the end.

    Parameters
    ----------
    place
        The folder in which it is made.
    name
        What it is for: the name of the file or folder that is to be replaced.

    Raises
    ------
    OSError
        If it cannot be made.
    """
    path = place / f".{name}.{os.getpid()}.{secrets.token_hex(4)}.part"
    made, mark = Aside(path), None
    try:
        try:
            path.mkdir()
        except OSError:
            made.stays = True  # if there is one, it is somebody else's
            raise
        mark = _marked(path)
        made.files.mkdir()
        yield made
    finally:
        try:
            if mark is not None:
                os.close(mark)  # first, since Windows removes no open file
        finally:
            if not made.stays:
                _clear_surely(path)


def _marked(folder: Path) -> int:
    """Mark a folder as ours, and return the mark's open file, locked as long as it is open."""
    number = os.open(folder / MARK, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o644)
    try:
        os.write(number, _TEXT)
        _locked(number)
    except BaseException:
        os.close(number)
        raise
    return number


def mark(folder: Path) -> None:
    """Mark a folder that this process has made.

    Raises
    ------
    OSError
        If the mark cannot be written.
    """
    os.close(_marked(folder))


def is_marked(folder: Path) -> bool:
    """Return whether a folder bears the mark of this program.

    Raises
    ------
    OSError
        If the mark is there and cannot be read.
    """
    try:
        number = _opened_mark(folder)
    except FileNotFoundError:
        return False
    try:
        return os.read(number, len(_TEXT) + 1) == _TEXT
    finally:
        os.close(number)


def _opened_mark(folder: Path) -> int:
    return os.open(folder / MARK, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | _AT_ONCE)


_AT_ONCE = getattr(os, "O_NONBLOCK", 0)
"""Do not wait for the other end if somebody has put a pipe there."""


def _clear_surely(folder: Path) -> None:
    """Remove a folder aside to the end, even if an interrupt comes meanwhile."""
    try:
        clear(folder)
    except BaseException:
        clear(folder)
        raise


def clear(folder: Path) -> None:
    """Remove a folder aside of ours, its mark last, so that it is known as ours until it is gone.

    Anything in it that is not ours stays, and the folder with it.
    """
    for part in ("files", "old"):
        shutil.rmtree(folder / part, ignore_errors=True)
    with contextlib.suppress(OSError):
        if set(os.listdir(folder)) <= {MARK}:  # noqa: PTH208  names alone
            (folder / MARK).unlink(missing_ok=True)
            folder.rmdir()


def remove_leftovers(place: Path, name: str) -> None:
    """Remove the folders aside that killed processes left in a place, of one name.

    Only those go that bear our mark, or are empty, and belong to no process that runs.
    """
    with contextlib.suppress(OSError):
        for left in place.iterdir():
            if _is_leftover(left.name, name):
                with contextlib.suppress(OSError):
                    _remove_abandoned(left)


def _is_leftover(name: str, of: str) -> bool:
    start, end = f".{of}.", ".part"
    if not (name.startswith(start) and name.endswith(end)):
        return False
    process, _, token = name[len(start) : -len(end)].partition(".")
    number = int(process) if process.isascii() and process.isdigit() else 0
    return number > 0 and bool(token) and not process_alive(number)


def _remove_abandoned(folder: Path) -> None:
    if not stat.S_ISDIR(folder.lstat().st_mode):
        return
    try:
        number = _opened_mark(folder)
    except FileNotFoundError:
        folder.rmdir()  # it died before it had its mark; goes only if it is empty
        return
    try:
        if os.read(number, len(_TEXT) + 1) != _TEXT or not _locked(number):
            return
    finally:
        os.close(number)
    clear(folder)


def process_alive(process: int) -> bool:
    """Return whether a process runs, as far as can be known: on Windows always yes."""
    if os.name == "nt":  # asking would end it
        return True
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except (OSError, OverflowError):
        return True
    return True
