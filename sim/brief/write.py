"""Writes a briefing in its forms: all of them whole, or none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from sim.brief.content import Briefing
from sim.errors import ScenarioError, SimError
from sim.files import written_together
from sim.paths import check_writable
from sim.text import shown

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
    check_writable(folder, [f"brief.{form}" for form in forms])


def write_forms(briefing: Briefing, forms: Sequence[str], folder: Path) -> list[Path]:
    """Write ``brief.html`` and the like into a folder, and return the files.

    Raises
    ------
    StoreError
        If one cannot be written; then none is changed.
    """
    pages = {f"brief.{form}": _setter(form)(briefing) for form in forms}
    check_folder(folder, forms)
    todo = "Close it if it is open elsewhere, or name another folder with --out."
    with written_together(folder, todo) as aside:
        for name, contents in pages.items():
            (aside / name).write_bytes(contents)
    return [folder / name for name in pages]


def _setter(form: str) -> Callable[[Briefing], bytes]:
    setter: Callable[[Briefing], bytes] = getattr(import_module(f"sim.brief.{form}"), form)
    return setter
