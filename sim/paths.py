"""Where data lives: inside an installed package, or in the checkout beside it."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from sim.errors import StoreError
from sim.journal import finish
from sim.text import shown

Kind = Literal["scenarios", "calibration"]


def data_dir(kind: Kind) -> Path:
    """Return the folder of the shipped data of one kind.

    A wheel carries ``scenarios`` and ``calibration`` inside the package; a checkout has
    them beside it. Rows whose adding was cut short are put into their places first.

    Raises
    ------
    StoreError
        If neither is there, which means a broken installation.
    """
    package = Path(__file__).parent
    for folder in (package / "data" / kind, package.parent / kind):
        if folder.is_dir():
            if kind == "calibration":
                finish(folder)
            return folder
    raise StoreError(str(package), f"the data folder '{kind}' is missing.", "Reinstall truce-sim.")


def in_package(folder: Path) -> bool:
    """Whether a folder lies inside the installed package, where updates overwrite it."""
    return Path(__file__).parent.resolve() in folder.resolve().parents


def check_writable(
    folder: Path, files: Sequence[str] = (), todo: str = "Name another folder with --out."
) -> None:
    """Check that files can be written into a folder, before any work is done.

    Parameters
    ----------
    todo
        What a user can do if they cannot.

    Raises
    ------
    StoreError
        If they cannot, as far as that can be known.
    """
    try:
        folder.stat()
    except (OSError, ValueError) as error:
        if isinstance(error, ValueError) or error.errno in (errno.ENAMETOOLONG, errno.ELOOP):
            reason = getattr(error, "strerror", None) or str(error)
            raise StoreError(shown(folder), f"cannot be used: {reason}.", todo) from None
    places = (folder, *folder.absolute().parents)
    there = next(place for place in places if os.path.exists(place))  # noqa: PTH110
    if not there.is_dir():
        what = f"cannot be written: {there} is a file, not a folder."
        raise StoreError(str(folder), what, todo)
    if not os.access(there, os.W_OK | os.X_OK):
        raise StoreError(str(folder), f"cannot be written: {there} is read-only.", todo)
    for final in (folder / name for name in files):
        if there == folder and final.is_dir():
            raise StoreError(str(final), "cannot be written: it is a folder.", todo)
        if there == folder and not _may_be_replaced(final):
            raise StoreError(str(final), "cannot be written: it is read-only.", todo)


def _may_be_replaced(file: Path) -> bool:
    return not file.exists() or file.stat().st_mode & 0o222 != 0


def cache_root() -> Path:
    """Return the folder of what can be made anew: ``$TRUCE_CACHE_DIR`` or the user's own."""
    import platformdirs

    return Path(os.environ.get("TRUCE_CACHE_DIR") or platformdirs.user_cache_path("truce-sim"))
