"""Reads back what we wrote and somebody else may have changed: whole, and of the right shape."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from pydantic import BaseModel, ValidationError

from sim.disk import shortage
from sim.errors import SimError, StoreError
from sim.reading import MAX_TABLE, open_regular, unread
from sim.text import printable, shown

_BARE = re.compile(r"[^/\\\x00:]{1,255}")


# ------------------------------------------------------------------ whole


def bare_name(name: str) -> str:
    """Return the name of a file within a folder, if it is one and leads nowhere else.

    Raises
    ------
    ValueError
        If it is a path, or empty, or names the folder.
    """
    if name in (".", "..") or not _BARE.fullmatch(name):
        raise ValueError(f"{shown(name)} is no bare name of a file")
    return name


def is_whole(folder: Path, hashes: Any, files: Sequence[str]) -> bool:
    """Return whether a folder's files have the contents that its manifest names.

    Parameters
    ----------
    hashes
        What the manifest has under ``sha256``.
    files
        Names that must be among them.

    Raises
    ------
    StoreError
        If a file is a link, no regular file, or cannot be read.
    """
    if not isinstance(hashes, dict) or not set(files) <= set(hashes):
        return False
    try:
        names = [bare_name(name) for name in hashes]  # all of them before any is read
        return all(sha256_of(folder / name) == hashes[name] for name in names)
    except (FileNotFoundError, ValueError):
        return False


def sha256_of(path: Path) -> str:
    """Hash a file.

    Raises
    ------
    FileNotFoundError
        If there is none.
    StoreError
        If it is a link, no regular file, or cannot be read.
    """
    with open_regular(path, MAX_TABLE, links=False) as file:
        try:
            return hashlib.file_digest(cast(Any, file), "sha256").hexdigest()
        except OSError as refused:
            raise unread(refused, StoreError, str(path)) from None


# ------------------------------------------------------------------ checking


def problem(model: type[BaseModel], document: Any) -> str:
    """Say in a few words what is wrong with plain data by a model; empty if nothing is."""
    try:
        model.model_validate(document)
    except ValidationError as problems:
        first = problems.errors(include_url=False)[0]
        key = ".".join(printable(part) for part in first["loc"])
        what = first["msg"].removeprefix("Value error, ")
        what = f"{what[:1].lower()}{what[1:]}"
        return f"{key[:80]}: {printable(what)[:120]}"
    return ""


def check_shape(model: type[BaseModel], document: Any) -> None:
    """Check plain data by a model.

    Raises
    ------
    ValueError
        With what is wrong.
    """
    found = problem(model, document)
    if found:
        raise ValueError(found)


def check_alike(there: Any, written: Any, key: str = "document") -> None:
    """Check that plain data have the shape of others: the same keys, lengths and types.

    Parameters
    ----------
    there
        What was read; it may have keys beside.
    written
        What the result that was made from it writes of itself.

    Raises
    ------
    ValueError
        If it has another shape.
    """
    if isinstance(written, Mapping):
        if not isinstance(there, Mapping) or not set(written) <= set(there):
            raise ValueError(f"{printable(key)[:80]} has not the keys that belong to it")
        for name, one in written.items():
            check_alike(there[name], one, f"{key}.{name}")
    elif isinstance(written, list | tuple):
        if not isinstance(there, list) or len(there) != len(written):
            raise ValueError(f"{printable(key)[:80]} is no list of {len(written)}")
        for number, pair in enumerate(zip(there, written, strict=True)):
            check_alike(*pair, f"{key}.{number}")
    elif _sort(there) != _sort(written):
        raise ValueError(f"{printable(key)[:80]} is {shown(there)}")


def _sort(value: Any) -> str:
    """What kind of plain value something is."""
    if value is None or isinstance(value, bool):
        return repr(value is None)
    if isinstance(value, int | float):
        return "number"
    return "text" if isinstance(value, str | dt.date) else type(value).__name__


# ------------------------------------------------------------------ reading back

_WRONG = (
    *(LookupError, TypeError, ValueError, AttributeError, ArithmeticError, AssertionError),
    *(NotImplementedError, RecursionError, EOFError, zlib.error),
)
"""What reading data that are not as this version writes them may end in; pyarrow's are of these."""


def unusable(where: Path, error: Exception, todo: str = "Make it again.") -> StoreError:
    """Return the error of files that are whole, but not as this version writes them."""
    what = f"is damaged, or of another version ({printable(error)[:120]})."
    return StoreError(str(where), what, todo)


@contextlib.contextmanager
def read_back(where: Path, todo: str = "Make it again.") -> Iterator[None]:
    """Tell whatever goes wrong while data of ours are read back as a fault of the data.

    What the system does not let us read is told as that instead.

    Parameters
    ----------
    where
        The folder or the file, for the message.
    todo
        What to do if it is damaged.

    Raises
    ------
    StoreError
        If something goes wrong; a `SimError` goes through as it is.
    """
    try:
        yield
    except SimError:
        raise
    except OSError as error:
        if error.errno:
            raise unread(error, StoreError, str(where)) from None
        raise shortage(error) or unusable(
            where, error, todo
        ) from None  # pyarrow's, of what it read
    except MemoryError:
        what = "cannot be read: the memory does not suffice for what it says it holds."
        raise StoreError(str(where), what, "Make it again, or give it more memory.") from None
    except _WRONG as error:
        raise shortage(error) or unusable(where, error, todo) from None
