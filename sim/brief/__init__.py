"""Briefings: results on pages that support a decision, in three forms.

One content model (`content`) is made from what is given (`inputs`) and set as HTML, PDF and PPTX.
``sim.brief(...)`` is `sim.brief.make.brief`: this package can be called, since the function and
the package have one name.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import ModuleType
from typing import Any

from sim.brief.content import Briefing
from sim.brief.cover import Cover
from sim.brief.inputs import Material
from sim.brief.make import PARTS, brief, briefing
from sim.brief.marking import Marking

__all__ = ["PARTS", "Briefing", "Cover", "Marking", "Material", "brief", "briefing"]


class _Callable(ModuleType):
    """A package that can be called as its main function."""

    def __call__(self, *things: Any, **options: Any) -> list[Path]:
        return brief(*things, **options)


sys.modules[__name__].__class__ = _Callable
