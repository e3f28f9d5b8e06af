"""Writes a briefing in its forms: all of them whole, or none."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import BinaryIO

from sim.brief.content import PROGRAM, Briefing
from sim.errors import ScenarioError, SimError, StoreError
from sim.files import MANIFEST, written_together
from sim.paths import check_writable
from sim.reading import MAX_TABLE, open_regular, unread
from sim.text import printable, shown

FORMS = {"html": "jinja2", "pdf": "typst", "pptx": "pptx"}
"""By form, the package that it takes."""


def check_forms(asked: str) -> list[str]:
    """Read the forms asked for, such as ``html,pdf``, before any work is done.

    Raises
    ------
    ScenarioError
        If one is none of `FORMS`.
    SimError
        If a package is missing.
    """
    if not isinstance(asked, str):
        raise ScenarioError("--format", f"{shown(asked)} is none.", f"{', '.join(FORMS)}.")
    forms = list(dict.fromkeys(word.strip().lower() for word in asked.split(",")))
    for form in forms:
        if form not in FORMS:
            raise ScenarioError("--format", f"{shown(form)} is none.", f"{', '.join(FORMS)}.")
        if find_spec(FORMS[form]) is None:
            what = f"{form} needs the package {FORMS[form].replace('pptx', 'python-pptx')}."
            raise SimError("--format", what, "pip install 'truce-sim[brief]', or make install.")
    return forms


def check_folder(folder: Path, forms: Sequence[str]) -> None:
    """Check that a briefing can be written into a folder, before any work is done.

    Raises
    ------
    StoreError
        If it cannot, as far as that can be known.
    """
    if (folder / MANIFEST).exists():
        what = "is the folder of a result, and nothing is put beside what it holds."
        raise StoreError(printable(folder), what, "Name another folder with --out.")
    check_writable(folder, [f"brief.{form}" for form in forms])


def check_own(folder: Path, forms: Sequence[str]) -> None:
    """Check that no briefing of somebody else is in a folder, in one of the forms.

    Raises
    ------
    StoreError
        If one is, or it cannot be read; it is left as it is.
    """
    for form in forms:
        path = folder / f"brief.{form}"
        try:
            with open_regular(path, MAX_TABLE, links=False) as file:
                own = _is_own(form, file)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise unread(error, StoreError, printable(path)) from None
        if not own:
            what = "is there, and this program did not make it, or an old version did. It is left "
            todo = "Move it away, or name another folder with --out."
            raise StoreError(printable(path), f"{what}as it is.", todo)


def _is_own(form: str, file: BinaryIO) -> bool:
    """Whether a file says within that this program made it."""
    if form == "html":
        return f'name="generator" content="{PROGRAM}"'.encode() in file.read(_HEAD)
    if form == "pdf":
        return PROGRAM.encode() in file.read()
    try:
        with zipfile.ZipFile(file) as slides:
            return PROGRAM.encode() in slides.read("docProps/core.xml")
    except (zipfile.BadZipFile, LookupError, ValueError, EOFError, NotImplementedError):
        return False


_HEAD = 100_000
"""Bytes of a page within which its head stands."""


def write_forms(
    briefing: Briefing, forms: Sequence[str], folder: Path, within: Path | None = None
) -> list[Path]:
    """Write ``brief.html`` and the like into a folder, and return the files.

    Parameters
    ----------
    within
        The folder of the outputs, in which ``folder`` is this program's own; None if the user
        chose ``folder``, where nobody else's briefing is replaced.

    Raises
    ------
    StoreError
        If one cannot be written; then none is changed.
    """
    pages = {f"brief.{form}": _setter(form)(briefing) for form in forms}
    check_folder(folder, forms)
    if within is None:
        check_own(folder, forms)
    with written_together(folder, within=within) as aside:
        for name, contents in pages.items():
            (aside / name).write_bytes(contents)
    return [folder / name for name in pages]


def _setter(form: str) -> Callable[[Briefing], bytes]:
    setter: Callable[[Briefing], bytes] = getattr(import_module(f"sim.brief.{form}"), form)
    return setter
