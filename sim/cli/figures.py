"""Figures beside a result: one that fails is told, and costs nothing that was computed."""

from __future__ import annotations

import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.text import printable

if TYPE_CHECKING:
    from sim.store import Extra


def load() -> None:
    """Load what draws figures, which takes half a second, while worlds run."""
    with suppress(Exception):
        from sim import plots  # noqa: F401


def drawn(writer: str, again: str = "the same command draws it") -> Extra:
    """Return what writes the figures of a result into its folder, if they can be drawn.

    Otherwise a line on standard error says why not and how to draw them, and the files of these
    figures are left out.

    Parameters
    ----------
    writer
        The function of `sim.plots` that does it, such as ``write_odds``.
    again
        How to have them drawn, once the cause is mended.
    """

    def write(found: Any, folder: Path) -> None:
        before = set(folder.iterdir())
        try:
            from sim import plots

            getattr(plots, writer)(found, folder)
        except Exception as error:
            for path in set(folder.iterdir()) - before:
                _remove(path)
            _tell(writer.removeprefix("write_").replace("_", " "), error, again)

    return write


def _remove(path: Path) -> None:
    """Remove what a figure that failed left half written in a folder of ours."""
    with suppress(OSError):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _tell(what: str, error: Exception, again: str) -> None:
    reason = " ".join(printable(error).split()) or type(error).__name__
    sys.stderr.write(
        f"truce: the figure '{what}' could not be drawn ({type(error).__name__}: {reason}); the "
        f"rest is kept. Once that is mended, {again}.\n"
    )
