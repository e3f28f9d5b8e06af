"""Lets the lessons run again whenever the program or its data have changed, and without a wait."""

from __future__ import annotations

import hashlib
import logging
from pathlib import Path
from typing import Any

from jupyter_cache import get_cache
from jupyter_cache.executors import load_executor
from jupyter_client.manager import KernelManager

import sim

DOCS = Path(__file__).parent.parent
ROOMS = ("sim", "calibration", "scenarios")
"""What the output of a lesson depends on beside its own cells."""
TIMEOUT = 120
"""Seconds that a cell may take."""


def cache() -> Path:
    """Return the folder in which outputs are kept, one for each state of program and data.

    The outputs of a lesson are looked up by its cells alone, so that outputs of other code need a
    folder of their own.
    """
    made_of = hashlib.sha256()
    for room in ROOMS:
        for path in sorted((DOCS.parent / room).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                made_of.update(path.relative_to(DOCS.parent).as_posix().encode())
                made_of.update(path.read_bytes())
    return DOCS / "_build" / ".jupyter_cache" / made_of.hexdigest()[:12]


def prepare(_: Any) -> None:
    """Compile what is not compiled yet, then run all lessons that have to be run, side by side.

    What is compiled would be told on the page of the first lesson. A lesson that fails is run again
    where it is set, and told there.
    """
    sim.run("baseline", worlds=4, keep=False)
    kept = get_cache(cache())
    for lesson in sorted((DOCS / "lessons").glob("*.md")):
        kept.add_nb_to_project(str(lesson), read_data={"type": "plugin", "name": "myst_nb_md"})
    runner = load_executor("local-parallel", kept)
    runner.logger.setLevel(logging.WARNING)
    runner.run_and_cache(timeout=TIMEOUT)


def encrypt() -> None:
    """Let kernels be talked to in cipher where they can; one that is not warns of it each time."""
    if encryption := KernelManager.class_traits().get("transport_encryption"):
        encryption.default_value = "auto"


def setup(app: Any) -> dict[str, bool]:
    """Tell Sphinx when to prepare, and how output looks."""
    encrypt()
    app.connect("builder-inited", prepare)
    app.connect("config-inited", lambda _, conf: conf.html_static_path.append("book/lessons.css"))
    app.add_css_file("lessons.css")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
