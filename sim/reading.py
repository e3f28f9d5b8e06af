"""The one way in which files are read: regular files only, up to a stated size, text as UTF-8.

What is not there, what cannot be read and what was read and is wrong are three things, and are told
as such: nothing is called damaged that was not read.
"""

from __future__ import annotations

import json
import math
import os
import stat
from pathlib import Path
from typing import Any, BinaryIO

from sim.disk import advice, cause
from sim.errors import SimError, StoreError
from sim.text import printable

MAX_TEXT = 5_000_000
"""The largest file, in bytes, that is read as text written by people: scenarios, tables, drafts."""
MAX_JSON = 200_000_000
"""The largest JSON document, in bytes; that of a study of many points is the largest of ours."""
MAX_TABLE = 50_000_000_000
"""The largest table of worlds or points, in bytes."""
UTF8 = "Save it as UTF-8; in Excel that is 'CSV UTF-8'."


def open_regular(
    path: Path,
    most: int,
    error: type[SimError] = StoreError,
    where: str = "",
    *,
    links: bool = True,
) -> BinaryIO:
    """Open a file for reading, if it is a regular one of a size that may be.

    Parameters
    ----------
    most
        Its largest size, in bytes.
    error
        The class of the error if it cannot be read.
    where
        The file's name for the message; its path if empty.
    links
        Whether a symbolic link in its place is followed. It is not within a folder of results.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    SimError
        Of the class ``error``: if it is no regular file (a folder, a device, a pipe), it is too
        large, or the system does not let us read it.
    """
    where = where or printable(path)
    try:
        found = path.stat() if links else path.lstat()
        _check_regular(found, most, error, where)
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        flags |= 0 if links else getattr(os, "O_NOFOLLOW", 0)
        file = os.fdopen(os.open(path, flags), "rb")
    except FileNotFoundError:
        raise
    except NotADirectoryError:  # what is above it is a file
        raise FileNotFoundError(where) from None
    except OSError as refused:
        raise unread(refused, error, where) from None
    except ValueError:  # a null character in its name
        raise error(where, "is no name of a file.", "Check the path.") from None
    try:
        _check_regular(os.fstat(file.fileno()), most, error, where)  # it may be another by now
    except BaseException:
        file.close()
        raise
    return file


def unread(refused: OSError, error: type[SimError], where: str) -> SimError:
    """Return the error of a file that the system does not let us read, which is left as it is."""
    what = f"cannot be read: {cause(refused)}. It is left as it is."
    return error(where, what, advice(refused, "Make it readable, or name another."))


def _check_regular(found: os.stat_result, most: int, error: type[SimError], where: str) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise error(where, f"is {_sort(found.st_mode)}, not a regular file.", "Name a file.")
    if found.st_size > most:
        what = f"has {found.st_size:,} bytes; {_size(most)} is the limit."
        raise error(where, what, "Is it the file that was meant?")


def _sort(mode: int) -> str:
    sorts = {
        stat.S_IFDIR: "a folder",
        stat.S_IFLNK: "a symbolic link",
        stat.S_IFIFO: "a pipe",
        stat.S_IFCHR: "a device",
        stat.S_IFBLK: "a device",
        stat.S_IFSOCK: "a socket",
    }
    return sorts.get(stat.S_IFMT(mode), "something else")


def _size(count: int) -> str:
    return f"{count / 1e6:,.0f} MB" if count >= 1e6 else f"{count:,} bytes"


def read_bytes(
    path: Path,
    most: int = MAX_TEXT,
    error: type[SimError] = StoreError,
    where: str = "",
    *,
    links: bool = True,
) -> bytes:
    """Return what a regular file holds; see `open_regular` for parameters and errors."""
    where = where or printable(path)
    with open_regular(path, most, error, where, links=links) as file:
        try:
            size = os.fstat(file.fileno()).st_size  # not the limit: room would be made for it
            data = file.read(min(most, size) + 1)
        except OSError as refused:
            raise unread(refused, error, where) from None
    if len(data) > most:  # it grows while it is read, or its size was not told
        raise error(where, f"has more than {_size(most)}, the limit.", "Is it the right file?")
    return data


def decoded(data: bytes, error: type[SimError], where: str, todo: str = UTF8) -> str:
    """Return the text of a file's bytes, UTF-8 with or without a mark at the beginning.

    Raises
    ------
    SimError
        Of the class ``error``, naming line and byte of what is no UTF-8.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise error(where, "is UTF-16, not UTF-8.", todo) from None
        raw = fault.object  # without the mark
        line = raw.count(b"\n", 0, fault.start) + 1
        column = fault.start - raw.rfind(b"\n", 0, fault.start)
        what = f"the byte 0x{raw[fault.start]:02x} is not UTF-8."
        raise error(f"{where}, line {line}, byte {column}", what, todo) from None


def read_text(
    path: Path, error: type[SimError] = StoreError, where: str = "", most: int = MAX_TEXT
) -> str:
    """Return the text of a file that people write; its lines end in line feeds alone.

    Parameters
    ----------
    error, where, most
        As of `open_regular`.

    Raises
    ------
    SimError
        Of the class ``error``, if it is not there, cannot be read or is no UTF-8.
    """
    where = where or printable(path)
    try:
        data = read_bytes(path, most, error, where)
    except FileNotFoundError:
        raise error(where, "cannot be read: there is no such file.", "Check the path.") from None
    return decoded(data, error, where).replace("\r\n", "\n").replace("\r", "\n")


def read_document(
    path: Path, most: int = MAX_JSON, *, links: bool = False
) -> dict[str, Any] | None:
    """Return a JSON document of ours; None if it is not there, or was read and is none.

    Its numbers are finite.

    Parameters
    ----------
    most, links
        As of `open_regular`.

    Raises
    ------
    StoreError
        If it is there and cannot be read, is a link or no regular file, or is too large.
    """
    try:
        data = read_bytes(path, most, links=links)
    except FileNotFoundError:
        return None
    try:
        document = json.loads(data.decode("utf-8"), parse_constant=_refused, parse_float=_finite)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _finite(digits: str) -> float:
    number = float(digits)
    if math.isinf(number):
        raise ValueError(digits)
    return number


def _refused(constant: str) -> Any:
    raise ValueError(constant)
